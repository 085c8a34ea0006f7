using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to PostgreSQL and Redis.</summary>
internal static class StoreFaults
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<FaultRow> PostgresAsync(RunningApplication application, TimeSpan outage, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(
            application, 5, $"PostgreSQL stopped for {outage.TotalSeconds:0} s; restarted in the middle of batches and of commits; connections cut", output);
        await StoppedAsync(run, outage);
        for (var restart = 0; restart < 3; restart++)
        {
            await RestartedInTheMiddleAsync(run);
        }

        await RestartedInTheMiddleOfCommitsAsync(run);
        await ConnectionsCutAsync(run);
        await NotAheadWhileABatchWaitsAsync(run);
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> RedisAsync(RunningApplication application, TimeSpan outage, ITestOutputHelper output)
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
        await GroupAssignment.SeesSpreadAsync(application, "3+3+3+3");
        run.Note($"{during:N0} events acknowledged meanwhile");
        var row = await run.FinishAsync();
        // The live views only: the data must not even pause.
        Assert.True(row.LongestPause is null || row.LongestPause < TimeSpan.FromSeconds(5), $"Storing paused for {row.LongestPause} without Redis.");
        Assert.True(during > outage.TotalSeconds * 50, $"Only {during} events were acknowledged without Redis.");
        return row;
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

    /// <summary>Batches have moved the positions and wait with their events when the server goes down without a checkpoint.</summary>
    private static async Task RestartedInTheMiddleAsync(FaultRun run)
    {
        var fault = run.Fault();
        var batches = await BatchInFlight.HoldAsync(run.Application.Logs, 4);
        ProcessSignal.Quit(run.Application.ProcessId("postgres"));
        try
        {
            await batches.DisposeAsync();
        }
        catch (NpgsqlException)
        {
            // The holder's own connection went down with the server.
        }

        await StartAgainAsync(run);
        fault.End();
        await run.FlowsAsync();
    }

    /// <summary>
    /// Batches are committed and on disk, and the server goes down before it says so: whoever sent one cannot know. It is
    /// held back as if a replica that there is not had to have them too.
    /// </summary>
    private static async Task RestartedInTheMiddleOfCommitsAsync(FaultRun run)
    {
        var fault = run.Fault();
        await run.Application.Logs.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        long unanswered;
        try
        {
            await run.Application.Logs.ExecuteAsync("SELECT pg_reload_conf()");
            unanswered = await Eventually.SeesAsync(
                "4 commits that wait for their answer",
                _ => run.Application.Logs.CountAsync("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
                commits => commits >= 4,
                Patience);
        }
        catch
        {
            await run.Application.Logs.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await run.Application.Logs.ExecuteAsync("SELECT pg_reload_conf()");
            throw;
        }

        // For the next start; this server goes on as it is.
        await run.Application.Logs.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        ProcessSignal.Quit(run.Application.ProcessId("postgres"));
        await StartAgainAsync(run);
        fault.End();
        run.Note($"{unanswered} commits whose answer was lost");
        await run.FlowsAsync();
    }

    private static async Task StartAgainAsync(FaultRun run)
    {
        await run.Application.WaitUntilDownAsync("postgres");
        await run.Application.StartAsync("postgres");
    }

    private static async Task ConnectionsCutAsync(FaultRun run)
    {
        var fault = run.Fault();
        var cut = 0L;
        await FaultRun.LastsAsync(TimeSpan.FromSeconds(8), async token =>
        {
            await using var command = run.Application.Logs.CreateCommand(
                """
                SELECT count(*) FILTER (WHERE pg_terminate_backend(pid) AND query ~ '^(UPDATE consumer_offsets|COPY|COMMIT)')
                FROM pg_stat_activity
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
        fault.End();
        Assert.True(cut > 0, "No connection was cut that writes batches.");
        run.Note($"{cut} connections that write batches cut");
        await run.FlowsAsync();
    }

    /// <summary>While no batch can be committed to the database, none may be committed to Kafka.</summary>
    private static async Task NotAheadWhileABatchWaitsAsync(FaultRun run)
    {
        var fault = run.Fault();
        await using (await BatchInFlight.HoldAsync(run.Application.Logs, 4))
        {
            var readings = run.Offsets.Readings;
            await Eventually.SeesAsync(
                "Kafka and PostgreSQL compared while batches wait",
                _ => Task.FromResult((run.Offsets.Readings, run.Offsets.LastProblem)),
                now => now.Readings >= readings + 3,
                TimeSpan.FromSeconds(30));
        }

        fault.End();
        await run.FlowsAsync();
    }
}
