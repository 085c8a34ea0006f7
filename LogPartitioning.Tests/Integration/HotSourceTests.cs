using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Integration;

/// <summary>Half of the load comes from one source: it is found, named and split while the load runs.</summary>
[Collection(SharedApplication.Name)]
public sealed class HotSourceTests(ApplicationFixture fixture, ITestOutputHelper output)
{
    private const int Partitions = 12;
    private const int Sources = 24;
    private const int Keys = 4;
    private const double Share = 0.5;

    /// <summary>The window of a minute has to fill twice.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Splitting_the_hot_source_evens_the_load_out_and_loses_nothing()
    {
        var prefix = PrefixWithRoomForTheKeys();
        var hot = $"{prefix}-1";
        await using var load = await AuditedLoad.StartAsync(_application, new SyntheticTraffic
        {
            Events = null,
            Sources = Sources,
            SourcePrefix = prefix,
            Rate = 400,
            HotShare = Share,
            Sending = new SendingOptions { Batch = 50, Concurrency = Sources },
        });

        var before = await Eventually.SeesAsync(
            $"{hot} named as hot, its partition too, and an imbalance above 4",
            MappingAsync,
            mapping => mapping.Imbalance > 4 && mapping.HotSources.Contains(hot)
                && mapping.HotPartitions.TryGetValue(KeyPartitioner.PartitionOf(hot, Partitions), out var blamed) && blamed.Contains(hot),
            Patience);
        output.WriteLine($"before: {before}");

        try
        {
            using var split = await _application.Gateway.PutAsJsonAsync($"/api/partition-mapping/{hot}", new { keys = Keys });
            Assert.True(split.IsSuccessStatusCode, await split.Content.ReadAsStringAsync());
            var after = await Eventually.SeesAsync(
                "an imbalance below 2 over a minute, and nothing hot any more",
                MappingAsync,
                mapping => mapping is { Imbalance: < 2, HotSources.Count: 0, HotPartitions.Count: 0 },
                Patience);
            output.WriteLine($"after: {after}");
            Assert.True(after.WindowSeconds >= 55, $"The window is {after.WindowSeconds} s.");

            var audit = await load.AuditAsync(Patience);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{audit.Acknowledged} acknowledged, {audit.Stored} stored, {audit.Lost} lost, {audit.Duplicated} duplicated, {audit.OutOfOrder} out of order"));
            load.AssertPassed(audit);
            Assert.Equal(
                Enumerable.Range(1, Keys).Select(i => $"{hot}-{i}").Prepend(hot).Order(StringComparer.Ordinal),
                (await _application.Logs.ListAsync<string>("SELECT DISTINCT key FROM log_events WHERE source = $1", hot)).Order(StringComparer.Ordinal));
        }
        finally
        {
            using var undone = await _application.Gateway.DeleteAsync(new Uri($"/api/partition-mapping/{hot}", UriKind.Relative));
            Assert.True(undone.IsSuccessStatusCode, await undone.Content.ReadAsStringAsync());
        }
    }

    /// <summary>
    /// Where the keys of a source fall is up to the hash of its name. Half of the load in four even parts is an imbalance of
    /// 1.5 before anything else is added, so the source of this test is one whose keys fall on four quiet partitions.
    /// </summary>
    private static string PrefixWithRoomForTheKeys() => Enumerable.Range(1, 10_000)
        .Select(i => string.Create(CultureInfo.InvariantCulture, $"hot{i}"))
        .First(prefix => Expected(prefix, split: false) > 5 && Expected(prefix, split: true) < 1.8);

    private static double Expected(string prefix, bool split)
    {
        var load = new double[Partitions];
        for (var i = 2; i <= Sources; i++)
        {
            load[KeyPartitioner.PartitionOf($"{prefix}-{i}", Partitions)] += (1 - Share) / (Sources - 1);
        }

        string[] keys = split ? [.. Enumerable.Range(1, Keys).Select(i => $"{prefix}-1-{i}")] : [$"{prefix}-1"];
        foreach (var key in keys)
        {
            load[KeyPartitioner.PartitionOf(key, Partitions)] += Share / keys.Length;
        }

        return load.Max() * Partitions;
    }

    private async Task<Mapping> MappingAsync(CancellationToken cancellationToken)
    {
        var mapping = await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/partition-mapping", cancellationToken);
        return new Mapping(
            mapping.GetProperty("imbalance").GetDouble(),
            mapping.GetProperty("windowSeconds").GetDouble(),
            mapping.GetProperty("windowEvents").GetInt64(),
            [.. mapping.GetProperty("sources").EnumerateArray().Where(s => s.GetProperty("hot").GetBoolean()).Select(s => s.GetProperty("source").GetString()!)],
            mapping.GetProperty("hotPartitions").EnumerateArray().ToDictionary(
                p => p.GetProperty("partition").GetInt32(),
                p => string.Join(' ', p.GetProperty("sources").EnumerateArray().Select(s => s.GetString()))));
    }

    private sealed record Mapping(
        double Imbalance, double WindowSeconds, long WindowEvents, IReadOnlyList<string> HotSources, IReadOnlyDictionary<int, string> HotPartitions)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"imbalance {Imbalance} over {WindowSeconds} s and {WindowEvents} events; hot sources {string.Join(", ", HotSources)}; hot partitions {string.Join("; ", HotPartitions.Select(p => $"{p.Key} because of {p.Value}"))}");
    }
}
