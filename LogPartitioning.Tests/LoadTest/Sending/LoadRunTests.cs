using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.LoadTest.Sending;

public sealed class LoadRunTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("load-");
    private Ledger _ledger = null!;

    public async Task InitializeAsync() => _ledger = await Ledger.CreateAsync(
        _folder.FullName, "send", SendingOptions.DefaultGateway, DateTimeOffset.UtcNow, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await _ledger.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_event_is_acknowledged_written_and_found_in_the_store()
    {
        using var gateway = new FakeGateway();
        var statistics = await RunAsync(gateway, new SyntheticTraffic { Events = 2_500, Sources = 8 });

        Assert.Equal((2_500, 2_500, 0, 0), (statistics.Sent, statistics.Acknowledged, statistics.Rejected, statistics.Retried));
        Assert.True(statistics.AllAcknowledged);
        Assert.Equal(2_500, statistics.ByPartition.Values.Sum());
        Assert.False(gateway.Overlapped, "a source had two requests in flight");
        await AssertAuditAsync(gateway, 2_500);
    }

    [Fact]
    public async Task What_has_an_unknown_outcome_is_sent_again_with_the_same_ids_and_stored_once()
    {
        using var gateway = new FakeGateway
        {
            Fate = number => (number % 7) switch
            {
                2 => Fate.Unavailable,
                3 => Fate.TakeAndCut,
                5 => Fate.Refuse,
                6 => Fate.TakeHalf,
                _ => Fate.Answer,
            },
        };
        var statistics = await RunAsync(gateway, new SyntheticTraffic { Events = 3_000, Sources = 8, Sending = new SendingOptions { Batch = 50 } });

        Assert.Equal((3_000, 0), (statistics.Acknowledged, statistics.Unknown));
        Assert.True(statistics.Retried > 0);
        Assert.Equal(3_000, gateway.Stored.Count);
        var report = await AssertAuditAsync(gateway, 3_000);
        Assert.True(report.EarlierCopies > 0, "no event was stored at an earlier attempt than the acknowledged one");
    }

    [Fact]
    public async Task A_rejected_event_is_not_sent_again_and_does_not_hold_up_the_others()
    {
        using var gateway = new FakeGateway { Rejects = message => message.Contains("/cart/", StringComparison.Ordinal) };
        var statistics = await RunAsync(gateway, new SyntheticTraffic { Events = 1_000 });

        Assert.True(statistics.Rejected > 0);
        Assert.Equal((1_000, 0), (statistics.Rejected + statistics.Acknowledged, statistics.Retried));
        Assert.False(statistics.AllAcknowledged);
        Assert.Contains("message breaks a rule", statistics.LastProblem, StringComparison.Ordinal);
        await AssertAuditAsync(gateway, statistics.Acknowledged);
    }

    [Fact]
    public async Task Events_are_given_up_after_the_time_that_was_set_and_count_as_unknown()
    {
        using var gateway = new FakeGateway { Fate = number => number % 4 == 0 ? Fate.TakeAndCut : Fate.Unavailable };
        var statistics = await RunAsync(gateway, new SyntheticTraffic
        {
            Events = 20,
            Sources = 2,
            Sending = new SendingOptions { GiveUp = TimeSpan.FromMinutes(1) },
        });

        Assert.Equal((20, 0, 20), (statistics.Sent, statistics.Acknowledged, statistics.Unknown));
        var report = await AssertAuditAsync(gateway, 0);
        Assert.Equal(20, report.Unknown);
        Assert.Equal(gateway.Stored.Count, report.UnknownStored);
    }

    [Fact]
    public async Task Nothing_counts_as_acknowledged_that_the_ledger_could_not_take()
    {
        using var gateway = new FakeGateway();
        await _ledger.DisposeAsync();
        var load = LoadRun.Start(new SyntheticTraffic { Events = 100 }, _ledger, TimeProvider.System, gateway);

        await Assert.ThrowsAnyAsync<ObjectDisposedException>(() => load.Completion.WaitAsync(Deadline));
        Assert.Equal(0, load.Statistics.Acknowledged);
        await load.DisposeAsync();
    }

    [Fact]
    public async Task A_stopped_load_brings_what_is_in_flight_to_an_end()
    {
        using var gateway = new FakeGateway();
        var load = LoadRun.Start(new SyntheticTraffic { Events = null, Sources = 3 }, _ledger, TimeProvider.System, gateway);
        await using (load)
        {
            await Eventually.SeesAsync("more than 500 acknowledged", _ => Task.FromResult(load.Statistics.Acknowledged), n => n > 500, Deadline);
            await load.StopAsync(CancellationToken.None).WaitAsync(Deadline);

            var statistics = load.Statistics;
            Assert.True(statistics.AllAcknowledged);
            Assert.Equal(statistics, load.Statistics with { ByPartition = statistics.ByPartition });
            await AssertAuditAsync(gateway, statistics.Acknowledged);
        }
    }

    [Fact]
    public async Task A_stop_that_may_not_wait_leaves_what_is_in_flight_unknown()
    {
        using var gateway = new FakeGateway { Fate = _ => Fate.Unavailable };
        var load = LoadRun.Start(new SyntheticTraffic { Events = null, Sources = 3 }, _ledger, TimeProvider.System, gateway);
        await using (load)
        {
            await Eventually.SeesAsync("3 requests", _ => Task.FromResult(load.Statistics.Requests), n => n >= 3, Deadline);
            await load.StopAsync(new CancellationToken(canceled: true)).WaitAsync(Deadline);

            Assert.Equal(load.Statistics.Sent, load.Statistics.Unknown);
        }
    }

    [Fact]
    public async Task Replayed_files_are_stored_line_by_line_in_the_files_order()
    {
        var files = Enumerable.Range(1, 3).Select(i => Path.Combine(_folder.FullName, $"source{i}.log")).ToArray();
        foreach (var file in files)
        {
            await File.WriteAllTextAsync(file, string.Join("\r\n", Enumerable.Range(1, 450).Select(i => $"line {i} \"x\"\t{i % 3}")));
        }

        using var gateway = new FakeGateway { Fate = number => number % 5 == 0 ? Fate.TakeAndCut : Fate.Answer };
        var traffic = new FileTraffic(files) { Sending = new SendingOptions { Batch = 64, Concurrency = 2 } };
        await using var run = LoadRun.Start(traffic, _ledger, TimeProvider.System, gateway);
        await run.Completion.WaitAsync(Deadline);

        Assert.Equal((1_350, 1.0, 0), (run.Statistics.Acknowledged, traffic.Fraction(run.Statistics), traffic.LeftOut));
        foreach (var file in files)
        {
            Assert.Equal(
                await File.ReadAllLinesAsync(file),
                gateway.Stored.Where(e => (string)e["source"]! == Path.GetFileNameWithoutExtension(file)).Select(e => (string)e["message"]!));
        }

        await AssertAuditAsync(gateway, 1_350);
    }

    private async Task<LoadStatistics> RunAsync(FakeGateway gateway, SyntheticTraffic traffic)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var load = LoadRun.Start(traffic, _ledger, time, gateway);
        await using (load)
        {
            // Backoffs pass at once on this clock.
            await Eventually.SeesAsync(
                "the end of the load",
                _ =>
                {
                    time.Advance(TimeSpan.FromMilliseconds(500));
                    return Task.FromResult(load.Statistics);
                },
                _ => load.Completion.IsCompleted,
                Deadline,
                TimeSpan.FromMilliseconds(5));
            await load.Completion;
            return load.Statistics;
        }
    }

    private async Task<AuditReport> AssertAuditAsync(FakeGateway gateway, long acknowledged)
    {
        var ledger = await LedgerReader.ReadAsync(_ledger.Path, CancellationToken.None);
        using var http = GatewayHttp.Create(SendingOptions.DefaultGateway, gateway);
        var stored = new GatewayStoredEvents(new GatewayReads(http, TimeProvider.System));
        var report = await new Audit(stored).RunAsync([ledger], Deadline, CancellationToken.None);

        Assert.True(report.Passed, string.Join('\n', report.Examples));
        Assert.Equal(acknowledged, report.Acknowledged);
        return report;
    }
}
