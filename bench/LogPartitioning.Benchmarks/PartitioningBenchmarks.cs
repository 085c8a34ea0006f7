using BenchmarkDotNet.Attributes;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;

namespace LogPartitioning.Benchmarks;

/// <summary>What each event costs on its way to a partition.</summary>
[MemoryDiagnoser]
public class PartitioningBenchmarks
{
    private const int Events = 1_000;

    private readonly string[] _sources = new string[Events];
    private SpaceSaving<string> _heavyHitters = null!;

    /// <summary>Different sources among the events; above the summary's size, sources push each other out.</summary>
    [Params(10, 1_000_000)]
    public int Sources { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        for (var i = 0; i < Events; i++)
        {
            _sources[i] = $"service-{random.Next(Sources)}";
        }

        _heavyHitters = new SpaceSaving<string>(1_000);
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Murmur2Partition()
    {
        var sum = 0;
        foreach (var source in _sources)
        {
            sum += KeyPartitioner.PartitionOf(source, 12);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public void SpaceSaving()
    {
        foreach (var source in _sources)
        {
            _heavyHitters.Add(source);
        }
    }
}
