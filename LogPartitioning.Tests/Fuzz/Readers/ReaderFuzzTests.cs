using System.Globalization;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>
/// Mutated inputs for every reader of bodies, queries, records, states and key files. As a test it takes some seconds; <c>bench/fuzz.sh</c>
/// runs it at any length, and says by environment variables how.
/// </summary>
[Collection(AloneTests.Name)]
[Trait("Category", "Slow")]
public sealed class ReaderFuzzTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const int FixedSeed = 20261127;
    private const int Few = 20_000;
    private const int FewSeconds = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly StreamWriter? _progress = Environment.GetEnvironmentVariable("FUZZ_PROGRESS") is { Length: > 0 } file ? new StreamWriter(file) { AutoFlush = true } : null;
    private ServicesInMemory? _services;

    public async Task InitializeAsync() => _services = await ServicesInMemory.StartAsync();

    public async Task DisposeAsync() => await _services!.DisposeAsync();

    public void Dispose()
    {
        _progress?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task No_input_breaks_a_reader()
    {
        var inputs = Number("FUZZ_INPUTS") ?? Few;
        var atMost = TimeSpan.FromSeconds(Number("FUZZ_SECONDS") ?? FewSeconds);
        foreach (var seed in Number("FUZZ_SEED") is { } given ? [(int)given] : new[] { FixedSeed, Environment.TickCount & int.MaxValue })
        {
            var report = await new ReaderFuzz(await ReadersAsync(), seed, new(), Tell).RunAsync(inputs, atMost, CancellationToken.None);
            Tell($"{report}");
            Assert.True(report.Findings.Count == 0, $"{report}");
        }
    }

    /// <summary>What was found once, and an input that a run has named.</summary>
    [Fact]
    public async Task The_input_that_is_named_again()
    {
        var readers = await ReadersAsync();
        List<(string Reader, FuzzInput Input)> named =
        [
            ("body of a replay", new("{\"partition\":\"\\ud800\",\"from\":0}"u8.ToArray(), 2)),
            ("body of a replay", new([.. "{\"partition\":\""u8, 0xEC, .. "\",\"from\":0}"u8], 2)),
            ("body of a redrive", new([.. "{\"items\":[{\"topic\":\"t\",\"partition\":5,\"offset\":2,\"event\":{\"a\":\""u8, 0xFE, .. "\"}}]}"u8], 2)),
            ("records", new([.. "a\n{\"id\":\"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21\",\"source\":\"a\""u8, .. Enumerable.Repeat(",\"b\":1"u8.ToArray(), 10_000).SelectMany(field => field), .. "}"u8], 17)),
            ("body of a resume", new("{\"partitions\":\"\\ud800\",\"action\":\"retry\"}"u8.ToArray(), 2)),
        ];
        if (Environment.GetEnvironmentVariable("FUZZ_INPUT") is { } base64)
        {
            named = [(Environment.GetEnvironmentVariable("FUZZ_READER") ?? "", new(Convert.FromBase64String(base64), (int)(Number("FUZZ_VARIANT") ?? 0)))];
        }

        foreach (var (name, input) in named)
        {
            Assert.True(readers.FirstOrDefault(reader => reader.Name == name) is not null, $"The readers are {string.Join(", ", readers.Select(reader => reader.Name))}; there is no \"{name}\".");
            Tell($"{name}: {await readers.Single(reader => reader.Name == name).ReadAsync(input)}");
        }
    }

    private async Task<IReadOnlyList<FuzzedReader>> ReadersAsync()
    {
        var seeds = await FuzzSeeds.ReadAsync(_services!, Environment.GetEnvironmentVariable("FUZZ_SEEDS") is { Length: > 0 } logs ? logs : null);
        return [.. EventReaders.All(seeds), .. StateReaders.All(seeds, _folder.Path), .. RequestReaders.All(seeds, _services!)];
    }

    private void Tell(string line)
    {
        output.WriteLine(line);
        _progress?.WriteLine(line);
    }

    private static long? Number(string name) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Tests that measure their own process: no other runs at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    public const string Name = "Alone";
}
