namespace LogPartitioning.Tests.Integration;

/// <summary>One whole application, started once for all integration tests.</summary>
public sealed class ApplicationFixture : IAsyncLifetime
{
    private RunningApplication? _running;

    /// <summary>The application. It has four consumer instances, all of them running between two tests.</summary>
    public RunningApplication Application =>
        _running ?? throw new InvalidOperationException($"The application did not start: {InstalledServersProbe.WhatIsMissing}");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        // Its tests are skipped then, each by name; on CI starting anyway makes them fail with the reason.
        if (InstalledServersProbe.WhatIsMissing is null || InstalledServersProbe.OnCi)
        {
            _running = await RunningApplication.StartAsync(new ApplicationOptions
            {
                ConsumerReplicas = 4,
                // What is shown is looked at sooner than an operator needs to.
                Settings = new Dictionary<string, string> { ["Lag:Interval"] = TimeSpan.FromSeconds(2).ToString() },
            });
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_running is not null)
        {
            await _running.DisposeAsync();
        }
    }
}

/// <summary>The tests that share <see cref="ApplicationFixture"/>; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class SharedApplication : ICollectionFixture<ApplicationFixture>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Application";
}
