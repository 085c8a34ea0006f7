using System.Diagnostics;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using LogPartitioning.Gateway.Replay;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LogPartitioning.Tests.Gateway.Replay;

/// <summary>One replay at a time, over gateways that share nothing but the database.</summary>
[Collection(PostgresTests.Name)]
public sealed class ReplayJobsTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ReplayRequest Everything = new(null, new ReplayStart.Offset(0));
    // No brokers are needed to read nothing; to read something, these are never found.
    private static readonly OffsetRange[] Nothing = [];
    private static readonly OffsetRange[] Endless = [new(0, 0, 10)];

    private const string Locks =
        "FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private readonly List<IAsyncDisposable> _gateways = [];

    public override async Task DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    [PostgresFact]
    public async Task When_a_replay_has_ended_another_gateway_may_start_one_at_once()
    {
        var first = await Gateway().TryStartAsync(Everything, Nothing, CancellationToken.None);
        Assert.NotNull(first);
        await EndOf(first);

        var second = await Gateway().TryStartAsync(Everything, Nothing, CancellationToken.None);

        Assert.NotNull(second);
        await EndOf(second);
        Assert.Equal((ReplayState.Completed, ReplayState.Completed), (first.Now.State, second.Now.State));
    }

    [PostgresFact]
    public async Task While_a_replay_runs_no_other_starts_and_when_it_is_cancelled_one_may()
    {
        var other = Gateway();
        var first = await Gateway().TryStartAsync(Everything, Endless, CancellationToken.None);
        Assert.NotNull(first);
        Assert.Null(await other.TryStartAsync(Everything, Nothing, CancellationToken.None));

        first.Cancel();
        await EndOf(first);
        var second = await other.TryStartAsync(Everything, Nothing, CancellationToken.None);

        Assert.Equal(ReplayState.Cancelled, first.Now.State);
        Assert.NotNull(second);
        await EndOf(second);
    }

    [PostgresFact]
    public async Task A_replay_whose_connection_was_cut_ends_and_leaves_the_way_free()
    {
        var first = await Gateway().TryStartAsync(Everything, Endless, CancellationToken.None);
        Assert.NotNull(first);
        await Database.ExecuteAsync($"SELECT pg_terminate_backend(pid) {Locks}");

        first.Cancel();
        await EndOf(first);

        Assert.Equal(ReplayState.Cancelled, first.Now.State);
        await Eventually.SeesAsync(
            "the lock of a session that was cut is gone",
            _ => Database.CountAsync($"SELECT count(*) {Locks}"),
            locks => locks == 0,
            Patience);
        var second = await Gateway().TryStartAsync(Everything, Nothing, CancellationToken.None);
        Assert.NotNull(second);
        await EndOf(second);
    }

    /// <summary>Returns with the end, not a while after it, so that what follows meets it as early as a client can.</summary>
    private static async Task EndOf(ReplayJob job)
    {
        var started = Stopwatch.GetTimestamp();
        while (job.Now.State == ReplayState.Running)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"The replay still runs after {Patience}.");
            await Task.Yield();
        }
    }

    private ReplayJobs Gateway()
    {
        var gateway = new AloneGateway(NpgsqlDataSource.Create(Database.ConnectionString));
        _gateways.Add(gateway);
        return gateway.Jobs;
    }

    private sealed class AloneGateway : IAsyncDisposable
    {
        private readonly NpgsqlDataSource _pool;

        public AloneGateway(NpgsqlDataSource pool)
        {
            _pool = pool;
            // Port 1 is reserved and refuses.
            var replay = new HistoryReplay(new() { BootstrapServers = "127.0.0.1:1" }, pool, "log-events", TimeProvider.System);
            Jobs = new ReplayJobs(replay, pool, TimeProvider.System, NullLogger<ReplayJobs>.Instance);
        }

        public ReplayJobs Jobs { get; }

        public async ValueTask DisposeAsync()
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await Jobs.StopAsync(deadline.Token);
            Jobs.Dispose();
            await _pool.DisposeAsync();
        }
    }
}
