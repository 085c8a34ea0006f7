using LogPartitioning.Tests.Integration;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to the database's disk. It needs an application of its own, whose database lies on a small one.</summary>
internal static class DiskFaults
{
    private const int Megabytes = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task FullAsync(ITestOutputHelper output)
    {
        var data = Directory.CreateTempSubdirectory("log-partitioning-disk-").FullName;
        try
        {
            await using var disk = await SmallDisk.MountAsync(Path.Combine(data, "postgres"), Megabytes);
            await using var application = await RunningApplication.StartAsync(
                new ApplicationOptions { ConsumerReplicas = 2, Settings = FaultApplication.Settings, DataPath = data });
            await using var run = await FaultRun.StartAsync(application, 12, "the database's disk full, then freed", output);
            await FillAndFreeAsync(run, disk);
            await run.FinishAsync();
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
        await FaultRun.LastsAsync(TimeSpan.FromSeconds(20), _ => disk.FillAsync());
        Assert.True(run.Load.Acknowledged > before, "With the database's disk full events must still be acknowledged.");
        disk.Free();
        fault.End();
        // A server that cannot write its own log gives up; an operator starts it again.
        var down = run.Application.State("postgres") != Aspire.Hosting.ApplicationModel.KnownResourceStates.Running;
        if (down)
        {
            await run.Application.StartAsync("postgres");
        }

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
