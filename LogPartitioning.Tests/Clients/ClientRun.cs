using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LogPartitioning.Tests.Application;

namespace LogPartitioning.Tests.Clients;

/// <summary>A client of another project sends numbered events of several sources to a running application, whose producer is killed in the middle.</summary>
internal sealed class ClientRun
{
    /// <summary>How many events are sent.</summary>
    public const int Events = 10_000;

    private const int BeforeTheKill = Events / 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly RunningApplication _application;

    /// <param name="application">The application.</param>
    /// <param name="name">Names the client; its sources begin with it.</param>
    public ClientRun(RunningApplication application, string name)
    {
        _application = application;
        Name = $"{name}-{Guid.NewGuid().ToString("N")[..8]}";
        Sources = [.. Enumerable.Range(0, 4).Select(i => $"{Name}-{i}")];
    }

    /// <summary>What the names of the sources begin with.</summary>
    public string Name { get; }

    /// <summary>The sources; event i is of source i modulo their number.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>Where the client sends to.</summary>
    public Uri Address => _application.Gateway.BaseAddress!;

    /// <summary>Where it sends to by OTLP over gRPC.</summary>
    public Uri GrpcAddress => _application.Application.GetEndpoint("gateway", "otlp-grpc");

    /// <summary>Lets the client send, kills the producer once a part is stored, and waits until all is.</summary>
    /// <param name="send">Sends all events, and ends when the client thinks that it is done.</param>
    public async Task<StoredNumbers> StoresAllAsync(Func<Task> send)
    {
        var sent = send();
        // A client that fails says more than a store that waits for it.
        await await Task.WhenAny(StoredNumbers.SeesAsync(_application.Logs, Sources, BeforeTheKill, s_patience), sent);
        Assert.False(sent.IsCompleted, "The client had sent everything before the producer was killed.");
        await _application.KillAsync("producer");
        // By itself it is started again after a second, and later each time that it dies within a minute, as it does from one client to the next.
        using var starting = new CancellationTokenSource(s_patience);
        await _application.TryCommandAsync("producer", KnownResourceCommands.StartCommand, starting.Token);
        await _application.WaitUntilHealthyAsync("producer", s_patience);
        await sent.WaitAsync(s_patience);
        var stored = await StoredNumbers.SeesAsync(_application.Logs, Sources, Events, s_patience);
        Assert.Equal(Events, stored.Events);
        return stored;
    }
}
