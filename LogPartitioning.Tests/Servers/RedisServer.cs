using System.Globalization;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;
using StackExchange.Redis;

namespace LogPartitioning.Tests.Servers;

/// <summary>A Redis of a test's own, on a random port of loopback, without a file of its own but in a temporary folder.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly List<ConnectionMultiplexer> _clients = [];
    private readonly ChildProgram _server;

    private RedisServer(int port, string[] arguments)
    {
        Port = port;
        _server = ChildProgram.Start(
            "redis-server",
            ["--port", Text(port), "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "no", .. arguments]);
    }

    public int Port { get; }

    /// <summary>How the services reach it.</summary>
    public string ConnectionString => $"127.0.0.1:{Text(Port)},connectTimeout=1000";

    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(new LoopbackPorts(random: true).Any(), arguments);
        await server.SeesAsync("PONG", "PING");
        return server;
    }

    /// <summary>A client as the services have it: it connects again by itself.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var client = await ConnectionMultiplexer.ConnectAsync(ConnectionString + ",abortConnect=false");
        _clients.Add(client);
        return client;
    }

    /// <summary>Runs a command of <c>redis-cli</c> and gives its answer.</summary>
    public async Task<string> RunAsync(params string[] command) =>
        (await ChildProgram.RunAsync("redis-cli", ["-p", Text(Port), .. command])).Trim();

    /// <summary>Waits until a command gives an answer that contains <paramref name="expected"/>.</summary>
    public Task SeesAsync(string expected, params string[] command) => Eventually.SeesAsync(
        $"Redis on port {Port} to answer {expected} to {string.Join(' ', command)}",
        async _ =>
        {
            Assert.False(_server.HasExited, $"Redis ended: {_server.Output}");
            try
            {
                return await RunAsync(command);
            }
            catch (CommandFailedException e)
            {
                return e.Message;
            }
        },
        answer => answer.Contains(expected, StringComparison.Ordinal),
        StartDeadline);

    /// <summary>Takes away the folder that it would write its data to.</summary>
    public void TakeFolderAway() => Directory.Delete(_folder.Path, recursive: true);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.KillAsync();
        _server.Dispose();
        if (Directory.Exists(_folder.Path))
        {
            _folder.Dispose();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
