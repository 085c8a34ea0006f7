using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Tests.Application;

/// <summary>The whole application on real servers of this machine, on random ports, with a data folder of its own.</summary>
public sealed class RunningApplication : IAsyncDisposable
{
    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly ConcurrentDictionary<string, HttpClient> _clients = [];
    private readonly bool _ownsData;

    private RunningApplication(IDistributedApplicationTestingBuilder builder, DistributedApplication application, string dataPath, bool ownsData) =>
        (_builder, Application, DataPath, _ownsData) = (builder, application, dataPath, ownsData);

    /// <summary>The application, for what the members here do not cover.</summary>
    public DistributedApplication Application { get; }

    /// <summary>Where the servers keep their data.</summary>
    public string DataPath { get; }

    /// <summary>The gateway's HTTP API.</summary>
    public HttpClient Gateway => Client("gateway");

    /// <summary>The producer's HTTP API.</summary>
    public HttpClient Producer => Client("producer");

    /// <summary>The event store.</summary>
    public NpgsqlDataSource Logs { get => field ?? throw new InvalidOperationException("The application has not started."); private set; }

    /// <summary>The brokers, a comma between them.</summary>
    public string BootstrapServers { get; private set; } = "";

    /// <summary>Starts an application and waits until every resource of it is healthy.</summary>
    /// <exception cref="TimeoutException">Some resource is not healthy in time; the message names the state of each.</exception>
    public static async Task<RunningApplication> StartAsync(ApplicationOptions options)
    {
        var dataPath = options.DataPath ?? Directory.CreateTempSubdirectory("log-partitioning-").FullName;
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.LogPartitioning_AppHost>(options.Arguments(dataPath));
        // The resources' own output would drown that of the tests.
        builder.Services.AddLogging(logging => logging.AddFilter("LogPartitioning.AppHost.Resources", LogLevel.None));
        var running = new RunningApplication(builder, await builder.BuildAsync(), dataPath, options.DataPath is null);
        try
        {
            // The start ends only when everything has started; what it hangs on, the waiting tells.
            var start = running.Application.StartAsync();
            await running.WaitUntilAllHealthyAsync(TimeSpan.FromMinutes(2));
            await start;
            running.BootstrapServers = await running.Application.GetConnectionStringAsync("kafka") ?? "";
            running.Logs = NpgsqlDataSource.Create(await running.Application.GetConnectionStringAsync("logs") ?? "");
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>An HTTP client of a service; the same one for each call.</summary>
    public HttpClient Client(string service) => _clients.GetOrAdd(service, name =>
    {
        var client = Application.CreateHttpClient(name, "http");
        client.Timeout = TimeSpan.FromMinutes(1);
        return client;
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Application.DisposeAsync();
        await _builder.DisposeAsync();
        _clients.Values.ToList().ForEach(client => client.Dispose());
        if (_ownsData)
        {
            Directory.Delete(DataPath, recursive: true);
        }
    }
}
