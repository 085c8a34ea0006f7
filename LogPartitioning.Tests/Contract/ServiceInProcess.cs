using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.Tests.Contract;

/// <summary>
/// A service as its own program puts it together, run in this process until it has started, without servers and, unless it is to serve, without a port.
/// It is observed from outside, as the tools of Entity Framework and of OpenAPI do it: no class of the service is named.
/// </summary>
internal sealed partial class ServiceInProcess : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Port 1 is reserved and refuses.
    private static readonly string[] s_arguments =
    [
        "--ConnectionStrings:kafka=127.0.0.1:1",
        "--ConnectionStrings:logs=Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1",
        "--ConnectionStrings:redis=127.0.0.1:1,connectTimeout=100,connectRetry=0,abortConnect=false",
        "--Logging:LogLevel:Default=None",
        "--Consumer:LastScrapeWait=00:00:00",
    ];

    // Of the thread that runs the program: other tests build hosts at the same time.
    private static readonly AsyncLocal<ServiceInProcess?> s_observer = new();

    private readonly List<Instrument> _instruments = [];
    private readonly bool _serves;
    private readonly TaskCompletionSource<IHost> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceInProcess(bool serves) => _serves = serves;

    /// <summary>The routes with their methods, as <c>GET /api/logs</c>; <c>ANY</c> where every method will do.</summary>
    public IReadOnlyList<string> Endpoints { get; private set; } = [];

    /// <summary>The role that each of <see cref="Endpoints"/> needs; <c>open</c> where none is needed, and every one where there are several.</summary>
    public IReadOnlyList<string> Roles { get; private set; } = [];

    /// <summary>The instruments of the service's own meters, as Prometheus names what they measure.</summary>
    public IReadOnlyList<string> Metrics { get; private set; } = [];

    /// <summary>Runs the program of the assembly and stops it when it has started.</summary>
    public static Task<ServiceInProcess> ObserveAsync(string assembly) => RunAsync(new(serves: false), assembly, _ => Task.CompletedTask);

    /// <summary>Runs the program of the assembly on a port of loopback while it is used.</summary>
    public static Task ServeAsync(string assembly, Func<HttpClient, Task> use) => RunAsync(new(serves: true), assembly, async host =>
    {
        using var client = new HttpClient { BaseAddress = new(host.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
        await use(client);
    });

    private static async Task<ServiceInProcess> RunAsync(ServiceInProcess service, string assembly, Func<IServiceProvider, Task> use)
    {
        using var timeout = new CancellationTokenSource(s_patience);
        using var instruments = new MeterListener { InstrumentPublished = (instrument, _) => service.Note(instrument) };
        instruments.Start();
        using var hosts = DiagnosticListener.AllListeners.Subscribe(service);
        s_observer.Value = service;
        var program = Task.Factory.StartNew(
            () => Assembly.Load(assembly).EntryPoint!.Invoke(null, [service._serves ? [.. s_arguments, "--urls=http://127.0.0.1:0"] : s_arguments]),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        s_observer.Value = null;

        await (await Task.WhenAny(program, service._built.Task).WaitAsync(timeout.Token));
        var host = await service._built.Task.WaitAsync(timeout.Token);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStarted.Register(started.SetResult);
        await (await Task.WhenAny(program, started.Task).WaitAsync(timeout.Token));

        service.Read(host.Services);
        await use(host.Services);
        lifetime.StopApplication();
        await program.WaitAsync(timeout.Token);
        return service;
    }

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            value.Subscribe(this);
        }
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        if (s_observer.Value != this)
        {
            return;
        }

        switch (value.Value)
        {
            case IHostBuilder builder when !_serves:
                builder.ConfigureServices(services => services.AddSingleton<IServer, NoServer>());
                break;
            case IHost host:
                _built.TrySetResult(host);
                break;
        }
    }

    void IObserver<DiagnosticListener>.OnCompleted()
    {
    }

    void IObserver<DiagnosticListener>.OnError(Exception error)
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
    }

    private void Note(Instrument instrument)
    {
        lock (_instruments)
        {
            _instruments.Add(instrument);
        }
    }

    private void Read(IServiceProvider services)
    {
        var endpoints =
            (from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
             // Scripts, styles and what they ask the framework for are no part of what is promised.
             where endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null && endpoint.RoutePattern.RawText?.StartsWith("/_framework/", StringComparison.Ordinal) != true
             from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]
             select ($"{method} /{Parameters().Replace(endpoint.RoutePattern.RawText ?? "", "{$1}").Trim('/')}", RoleOf(endpoint))).ToList();
        Endpoints = [.. endpoints.Select(endpoint => endpoint.Item1)];
        Roles = [.. endpoints.Select(endpoint => endpoint.Item2)];

        // The scope tells this service's meters from those of tests that run beside this one.
        var meters = services.GetRequiredService<IMeterFactory>();
        lock (_instruments)
        {
            Metrics = [.. _instruments.Where(instrument => instrument.Meter.Scope == meters && instrument.Meter.Name.StartsWith("LogPartitioning", StringComparison.Ordinal)).Select(PrometheusName).Distinct()];
        }
    }

    /// <summary>What is open to everybody is so whatever role is named beside it.</summary>
    private static string RoleOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
        ? "open"
        : string.Join(' ', endpoint.Metadata.OfType<IAuthorizeData>().Select(needed => needed.Policy ?? "no role"));

    /// <summary>The exporter adds the unit, and to a counter <c>_total</c>.</summary>
    private static string PrometheusName(Instrument instrument)
    {
        var name = instrument.Unit == "s" ? $"{instrument.Name}_seconds" : instrument.Name;
        return instrument.GetType().Name.Split('`')[0] is "Counter" or "ObservableCounter" ? $"{name}_total" : name;
    }

    /// <summary>A parameter with its constraint, which is no part of the path that users know.</summary>
    [GeneratedRegex(@"\{\**(\w+)[^}]*\}")]
    private static partial Regex Parameters();

    private sealed class NoServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
