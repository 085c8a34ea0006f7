using System.Globalization;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Application;

/// <summary>One whole application, started once for all tests of a collection.</summary>
public abstract class StartedApplication(ApplicationOptions options) : IAsyncLifetime
{
    private RunningApplication? _running;

    /// <summary>The application. Between two tests everything in it runs.</summary>
    public RunningApplication Application =>
        _running ?? throw new InvalidOperationException($"The application did not start: {InstalledServersProbe.WhatIsMissing}");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        // Its tests are skipped then, each by name; on CI starting anyway makes them fail with the reason.
        if (InstalledServersProbe.WhatIsMissing is null || InstalledServersProbe.OnCi)
        {
            _running = await RunningApplication.StartAsync(options);
        }
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => _running?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}

/// <summary>The application of the integration tests: four consumer instances.</summary>
public sealed class ApplicationFixture() : StartedApplication(new ApplicationOptions
{
    ConsumerReplicas = 4,
    Settings = new Dictionary<string, string>
    {
        // What is shown is looked at sooner than an operator needs to.
        ["Lag:Interval"] = TimeSpan.FromSeconds(2).ToString(),
        ["Audit:Interval"] = TimeSpan.FromSeconds(5).ToString(),
        ["Producer:Syslog:Tcp"] = SyslogPort.ToString(CultureInfo.InvariantCulture),
        ["Producer:Syslog:Udp"] = SyslogPort.ToString(CultureInfo.InvariantCulture),
    },
})
{
    /// <summary>Where it takes in syslog, over TCP and UDP.</summary>
    public static int SyslogPort { get; } = new LoopbackPorts(random: true).Any();
}

/// <summary>The tests that share <see cref="ApplicationFixture"/>; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class SharedApplication : ICollectionFixture<ApplicationFixture>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Application";
}
