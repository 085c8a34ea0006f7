using LogPartitioning.Tests.Application;

namespace LogPartitioning.Tests.Faults;

/// <summary>The application that faults are done to: four consumer instances, and a short session so that a death is noticed soon.</summary>
public sealed class FaultApplication() : StartedApplication(new ApplicationOptions { ConsumerReplicas = 4, Settings = Settings })
{
    /// <summary>Silence after which the group gives up a worker. In production it is 30 s.</summary>
    internal static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(6);

    /// <summary>The settings of every application in these tests.</summary>
    internal static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Consumer:SessionTimeout"] = SessionTimeout.ToString(),
        ["Consumer:HeartbeatInterval"] = TimeSpan.FromSeconds(2).ToString(),
        // How long an exit takes is measured here, and consumers come and go all the time.
        ["Consumer:LastScrapeWait"] = TimeSpan.Zero.ToString(),
        ["Lag:Interval"] = TimeSpan.FromSeconds(1).ToString(),
        // The application's own audit is asked at the end of each scenario.
        ["Audit:Interval"] = TimeSpan.FromSeconds(5).ToString(),
        // What is killed stays down until the scenario starts it: the time between is the scenario's to choose.
        ["Restart:Enabled"] = "false",
    };
}

/// <summary>The tests that share <see cref="FaultApplication"/>. They run alone: a fault's time is measured.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultyApplication : ICollectionFixture<FaultApplication>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Faults";
}
