using LogPartitioning.Tests.Integration;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to PostgreSQL and Redis.</summary>
internal static class StoreFaults
{
    public static async Task PostgresAsync(RunningApplication application, TimeSpan outage, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(
            application, 5, $"PostgreSQL stopped for {outage.TotalSeconds:0} s; restarted in the middle of a commit; connections cut", output);
        await StoppedAsync(run, outage);
        for (var restart = 0; restart < 3; restart++)
        {
            await RestartedInTheMiddleAsync(run);
        }

        await ConnectionsCutAsync(run);
        await NotAheadWhileABatchWaitsAsync(run);
        await run.FinishAsync();
    }

    public static async Task RedisAsync(RunningApplication application, TimeSpan outage, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(application, 6, $"Redis stopped for {outage.TotalSeconds:0} s", output);
        var fault = run.Fault();
        await application.StopAsync("redis");
        var before = run.Load.Acknowledged;
        await FaultRun.LastsAsync(outage);
        await run.FlowsAsync();
        var during = run.Load.Acknowledged - before;
        await application.StartAsync("redis");
        fault.End();
        await Group.SeesSpreadAsync(application, "3+3+3+3");
        run.Note($"{during} events acknowledged meanwhile");
        var row = await run.FinishAsync();
        // The live views only: the data must not even pause.
        Assert.True(row.LongestPause < TimeSpan.FromSeconds(5), $"Storing paused for {row.LongestPause} without Redis.");
        Assert.True(during > outage.TotalSeconds * 50, $"Only {during} events were acknowledged without Redis.");
    }

    private static async Task StoppedAsync(FaultRun run, TimeSpan outage)
    {
        var fault = run.Fault();
        await run.Application.StopAsync("postgres");
        var before = run.Load.Acknowledged;
        await FaultRun.LastsAsync(outage);
        Assert.True(run.Load.Acknowledged - before > outage.TotalSeconds * 50, "Without the database events must still be acknowledged.");
        await run.Application.StartAsync("postgres");
        fault.End();
        await run.FlowsAsync();
    }

    /// <summary>Batches have moved the positions and sent their events when the server goes down without a checkpoint.</summary>
    private static async Task RestartedInTheMiddleAsync(FaultRun run)
    {
        var fault = run.Fault();
        try
        {
            await using (await BatchInFlight.HoldAsync(run.Application.Logs, 4))
            {
                ProcessSignal.Quit(run.Application.ProcessId("postgres"));
            }
        }
        catch (NpgsqlException)
        {
            // The holder's own connection went down with the server.
        }

        await Victim.IsDownAsync(run.Application, "postgres", TimeSpan.FromSeconds(60));
        await run.Application.StartAsync("postgres");
        fault.End();
        await run.FlowsAsync();
    }

    private static async Task ConnectionsCutAsync(FaultRun run)
    {
        run.Fault();
        var cut = 0L;
        await FaultRun.LastsAsync(TimeSpan.FromSeconds(8), async token =>
        {
            await using var command = run.Application.Logs.CreateCommand(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                """);
            try
            {
                cut += (long)(await command.ExecuteScalarAsync(token))!;
            }
            catch (NpgsqlException)
            {
                // A pooled connection of this test, cut in an earlier round.
            }
        });
        Assert.True(cut > 0, "No connection was cut.");
        run.Note($"{cut} connections cut");
        await run.FlowsAsync();
    }

    /// <summary>While no batch can be committed to the database, none may be committed to Kafka.</summary>
    private static async Task NotAheadWhileABatchWaitsAsync(FaultRun run)
    {
        run.Fault();
        await using (await BatchInFlight.HoldAsync(run.Application.Logs, 4))
        {
            var readings = run.Offsets.Readings;
            await Eventually.SeesAsync(
                "Kafka and PostgreSQL compared while batches wait",
                _ => Task.FromResult((run.Offsets.Readings, run.Offsets.LastProblem)),
                now => now.Readings >= readings + 3,
                TimeSpan.FromSeconds(30));
        }

        await run.FlowsAsync();
    }
}
