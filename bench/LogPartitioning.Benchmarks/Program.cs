using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using LogPartitioning.Benchmarks;
using LogPartitioning.Benchmarks.Drain;
using LogPartitioning.Benchmarks.Store;

switch (args)
{
    // What bench/parts/store.sh calls.
    case ["store-reads", var end, var days]:
        await StoreReads.RunAsync(end, days);
        return;
    case ["store-duplicates", var schema]:
        await StoreDuplicates.RunAsync(schema);
        return;
    // What bench/parts/drain.sh calls.
    case ["drain-fill", var servers, var topic, var events]:
        await DrainEvents.FillAsync(servers, topic, events);
        return;
    default:
        // In this process: this release of BenchmarkDotNet cannot build a project for the runtime used here.
        var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromAssembly(typeof(StoreBenchmarks).Assembly).Run(args, config);
        return;
}
