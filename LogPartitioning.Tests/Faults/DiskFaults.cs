using Aspire.Hosting.ApplicationModel;
using LogPartitioning.Tests.Application;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to the database's disk. It needs an application of its own, whose database lies on a small one.</summary>
internal static class DiskFaults
{
    private const int Megabytes = 400;
    private static readonly TimeSpan Full = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<FaultRow> FullAsync(ITestOutputHelper output)
    {
        var data = Directory.CreateTempSubdirectory("log-partitioning-disk-").FullName;
        try
        {
            await using var disk = await SmallDisk.MountAsync(Path.Combine(data, "postgres"), Megabytes);
            await using var application = await RunningApplication.StartAsync(
                new ApplicationOptions { ConsumerReplicas = 2, Settings = FaultApplication.Settings, DataPath = data });
            await using var run = await FaultRun.StartAsync(application, 12, "the database's disk full, then freed", output);
            await FillAndFreeAsync(run, disk);
            var row = await run.FinishAsync();
            Assert.True(row.LongestPause > Full / 2, $"Storing paused for {row.LongestPause} only: the disk was not full.");
            return row;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task FillAndFreeAsync(FaultRun run, SmallDisk disk)
    {
        var fault = run.Fault();
        await disk.FillAsync();
        await Eventually.SeesAsync(
            "the database refusing to grow",
            token => GrowsAsync(run.Application.Logs, token),
            grows => !grows,
            Patience);
        var before = run.Load.Acknowledged;
        // What the server gives back meanwhile (old segments of its log) is taken as well.
        await FaultRun.LastsAsync(Full, _ => disk.FillAsync());
        Assert.True(run.Load.Acknowledged - before > Full.TotalSeconds * 50, "With the database's disk full events must still be acknowledged.");
        disk.Free();
        fault.End();
        var down = false;
        await Eventually.SeesAsync(
            "the database growing again",
            async token =>
            {
                if (run.Application.State("postgres") != KnownResourceStates.Running)
                {
                    // A server that cannot write its own log gives up; an operator starts it again.
                    down = true;
                    await run.Application.StartAsync("postgres");
                }

                return await GrowsAsync(run.Application.Logs, token);
            },
            grows => grows,
            Patience);
        run.Note($"the server {(down ? "went down and was started again" : "stayed up")}");
        await run.FlowsAsync();
    }

    private static async Task<bool> GrowsAsync(NpgsqlDataSource logs, CancellationToken cancellationToken)
    {
        try
        {
            // Left out again at once; what counts is whether there was room.
            await using var connection = await logs.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                "CREATE TABLE room AS SELECT repeat(md5(n::text), 100) AS text FROM generate_series(1, 2000) AS n", connection, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
