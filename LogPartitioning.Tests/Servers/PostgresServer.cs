using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Tests.Storage;

/// <summary>
/// A PostgreSQL of the tests' own: made in a temporary folder, on a random port of loopback, gone at the end. As root it
/// runs as the user postgres, since the server refuses anything else.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"logpartitioning-pg-{Guid.NewGuid():N}");
    private readonly int _port = FreePort();
    private Process? _server;
    private int _databases;

    internal static string? BinFolder { get; } = FindBinFolder();

    public async Task InitializeAsync()
    {
        if (BinFolder is null)
        {
            throw new InvalidOperationException("PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql/*/bin has initdb.");
        }
        Directory.CreateDirectory(_folder);
        if (Environment.UserName == "root")
        {
            await RunAsync("chown", "postgres", _folder);
        }
        await RunAsync([.. AsServerUser, Path.Combine(BinFolder, "initdb"), "-D", Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]);
        Start();
        await WaitUntilItAnswersAsync();
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>A database of its own for a test, with the schema.</summary>
    internal async Task<NpgsqlDataSource> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using (var admin = NpgsqlDataSource.Create(ConnectionString("postgres")))
        {
            await using var create = admin.CreateCommand($"CREATE DATABASE {name}");
            await create.ExecuteNonQueryAsync();
        }
        var database = NpgsqlDataSource.Create(ConnectionString(name));
        await LogStoreSchema.EnsureAsync(database, CancellationToken.None);
        return database;
    }

    private string Data => Path.Combine(_folder, "data");

    private static string[] AsServerUser => Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Timeout=30;Maximum Pool Size=20";

    private void Start()
    {
        string[] command =
        [
            .. AsServerUser, Path.Combine(BinFolder!, "postgres"), "-D", Data, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1",
            "-c", $"unix_socket_directories={_folder}", "-c", "fsync=off", "-c", "max_connections=100", "-c", "log_destination=stderr",
        ];
        _server = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        // Read to the end, or a full pipe would stop the server.
        _server.ErrorDataReceived += (_, _) => { };
        _server.BeginErrorReadLine();
    }

    private async Task WaitUntilItAnswersAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var admin = NpgsqlDataSource.Create(ConnectionString("postgres"));
                await using var connection = await admin.OpenConnectionAsync();
                return;
            }
            catch (NpgsqlException e)
            {
                if (Stopwatch.GetElapsedTime(started) > StartDeadline || _server!.HasExited)
                {
                    throw new InvalidOperationException($"PostgreSQL did not start on port {_port}: {e.Message}", e);
                }
                await Task.Delay(50);
            }
        }
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await output}{error}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? FindBinFolder()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out var v) ? v : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        return path.Concat(debian).FirstOrDefault(d => d.Length > 0 && File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "postgres")));
    }
}

/// <summary>The tests that share one server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A test that needs PostgreSQL. Where it is missing the test is skipped by name; on CI it fails.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (PostgresServer.BinFolder is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")))
        {
            Skip = "PostgreSQL is not installed";
        }
    }
}
