using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;
using Npgsql;

namespace LogPartitioning.Tests.Servers;

/// <summary>
/// A PostgreSQL of the tests' own: made in a temporary folder, on a random port of loopback, gone at the end. As root it
/// runs as the user postgres, since the server refuses anything else.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly bool _tls;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("log-partitioning-postgres-");
    private readonly int _port = new LoopbackPorts(random: true).Any();
    private ChildProgram? _server;
    private int _databases;

    public PostgresServer()
    {
    }

    /// <summary>A server with TLS, for a test that starts and ends it itself.</summary>
    internal PostgresServer(bool tls) => _tls = tls;

    /// <summary>What a server with TLS shows.</summary>
    internal ServerCertificate? Certificate { get; private set; }

    internal static string? BinFolder { get; } = FindBinFolder();

    public async Task InitializeAsync()
    {
        if (BinFolder is null)
        {
            throw new InvalidOperationException("PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql/*/bin has initdb.");
        }

        Certificate = _tls ? ServerCertificate.CreateIn(_folder.FullName) : null;
        if (Environment.UserName == "root")
        {
            await ChildProgram.RunAsync("chown", ["-R", "postgres", _folder.FullName]);
        }

        var (program, arguments) = AsServerUser("initdb", "-D", Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync");
        await ChildProgram.RunAsync(program, arguments);
        string[] tls = Certificate is null ? [] : ["-c", "ssl=on", "-c", $"ssl_cert_file={Certificate.CertificateFile}", "-c", $"ssl_key_file={Certificate.KeyFile}"];
        (program, arguments) = AsServerUser(
            "postgres",
            [
                "-D", Data, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_folder.FullName}",
                "-c", "fsync=off", "-c", "max_connections=100", "-c", "log_destination=stderr", .. tls,
            ]);
        _server = ChildProgram.Start(program, arguments);
        await Eventually.SeesAsync($"PostgreSQL on port {_port}", AnswerAsync, problem => problem.Length == 0, StartDeadline);
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            await _server.KillAsync();
            _server.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>A database of its own for a test, with the schema.</summary>
    internal async Task<NpgsqlDataSource> CreateDatabaseAsync()
    {
        var database = await CreateEmptyDatabaseAsync();
        await database.MakeSchemaAsync();
        return database;
    }

    /// <summary>A database of its own for a test, without tables.</summary>
    internal async Task<NpgsqlDataSource> CreateEmptyDatabaseAsync(string options = "")
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using (var admin = NpgsqlDataSource.Create(ConnectionString("postgres")))
        {
            await using var create = admin.CreateCommand($"CREATE DATABASE {name} {options}");
            await create.ExecuteNonQueryAsync();
        }

        return NpgsqlDataSource.Create(ConnectionString(name));
    }

    /// <summary>Where it keeps its data.</summary>
    internal string Data => Path.Combine(_folder.FullName, "data");

    internal string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Timeout=30;Maximum Pool Size=20";

    /// <summary>A program of PostgreSQL, as the user that may run it.</summary>
    private static (string Program, string[] Arguments) AsServerUser(string program, params string[] arguments) => Environment.UserName == "root"
        ? ("runuser", ["-u", "postgres", "--", Path.Combine(BinFolder!, program), .. arguments])
        : (Path.Combine(BinFolder!, program), arguments);

    private async Task<string> AnswerAsync(CancellationToken cancellationToken)
    {
        Assert.False(_server!.HasExited, $"PostgreSQL ended: {_server.Output}");
        try
        {
            await using var admin = NpgsqlDataSource.Create(ConnectionString("postgres"));
            await using var connection = await admin.OpenConnectionAsync(cancellationToken);
            return "";
        }
        catch (NpgsqlException e)
        {
            return e.Message;
        }
    }

    private static string? FindBinFolder()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        return InstalledPrograms.Folders.Concat(debian).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }
}

/// <summary>The tests that share one server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}
