using System.Globalization;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;
using Npgsql;

namespace LogPartitioning.Tests.Servers;

/// <summary>A PgBouncer in front of a test's database, in transaction mode: what a session holds is gone after each transaction.</summary>
internal sealed class PgBouncerServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder;
    private readonly ChildProgram _server;

    private PgBouncerServer(TemporaryFolder folder, ChildProgram server, NpgsqlDataSource database) =>
        (_folder, _server, Database) = (folder, server, database);

    /// <summary>The database through the pooler.</summary>
    public NpgsqlDataSource Database { get; }

    /// <param name="direct">How the database is reached without it.</param>
    public static async Task<PgBouncerServer> StartAsync(string direct)
    {
        var target = new NpgsqlConnectionStringBuilder(direct);
        var port = new LoopbackPorts(random: true).Any();
        var folder = new TemporaryFolder();
        var settings = Path.Combine(folder.Path, "pgbouncer.ini");
        var users = Path.Combine(folder.Path, "users.txt");
        await File.WriteAllTextAsync(users, $"\"{target.Username}\" \"\"\n");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host={target.Host} port={target.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = 10
            """));
        if (Environment.UserName == "root")
        {
            await ChildProgram.RunAsync("chown", ["-R", "postgres", folder.Path]);
        }

        // As root it refuses to run.
        var server = Environment.UserName == "root"
            ? ChildProgram.Start("runuser", ["-u", "postgres", "--", InstalledPrograms.Find("pgbouncer")!, settings])
            : ChildProgram.Start("pgbouncer", [settings]);
        var through = new NpgsqlConnectionStringBuilder(direct) { Host = "127.0.0.1", Port = port };
        var bouncer = new PgBouncerServer(folder, server, NpgsqlDataSource.Create(through));
        await Eventually.SeesAsync($"PgBouncer on port {port}", bouncer.AnswerAsync, problem => problem.Length == 0, StartDeadline);
        return bouncer;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _server.KillAsync();
        _server.Dispose();
        _folder.Dispose();
    }

    private async Task<string> AnswerAsync(CancellationToken cancellationToken)
    {
        Assert.False(_server.HasExited, $"PgBouncer ended: {_server.Output}");
        try
        {
            await using var connection = await Database.OpenConnectionAsync(cancellationToken);
            return "";
        }
        catch (NpgsqlException e)
        {
            return e.Message;
        }
    }
}
