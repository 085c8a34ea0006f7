using LogPartitioning.Tests.AppHost;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Containers;

/// <summary>A Docker engine of the tests' own with the images that the AppHost asks for, built from what is installed here.</summary>
public sealed class ContainerMachine : IAsyncLifetime
{
    private static readonly string[] Servers = ["kafka", "postgres", "redis", "prometheus", "grafana"];
    private static readonly string[] Programs = ["docker", "dockerd", "ip", "iptables", "prometheus", "busybox"];

    /// <summary>Why the tests cannot run on this machine, or null.</summary>
    internal string? WhatIsMissing { get; private set; }

    /// <summary>The engine.</summary>
    internal DockerDaemon Docker { get => field ?? throw new InvalidOperationException(WhatIsMissing); private set; }

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        // The images are made of the installed servers. Brokers without KRaft make no cluster of containers.
        WhatIsMissing = InstalledServersProbe.WhatIsMissing;
        Assert.False(InstalledServersProbe.OnCi && WhatIsMissing is not null, WhatIsMissing);
        WhatIsMissing ??= InstalledServersProbe.Servers.Kafka.UsesKRaft ? null : "KAFKA_HOME must name a Kafka with KRaft";
        WhatIsMissing ??= Programs.Where(program => InstalledPrograms.Find(program) is null).Select(program => $"{program} is not installed").FirstOrDefault();
        if (WhatIsMissing is not null)
        {
            return;
        }

        try
        {
            Docker = await DockerDaemon.StartAsync();
        }
        catch (CannotStartException e)
        {
            WhatIsMissing = e.Message;
            return;
        }

        await BuildImagesAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (WhatIsMissing is null)
        {
            await Docker.DisposeAsync();
        }
    }

    private async Task BuildImagesAsync()
    {
        using var data = new TemporaryFolder();
        await using var model = await TopologyModel.BuildAsync(
            "--Infrastructure:Mode=Containers", "--Infrastructure:ProbeRuntime=false", $"--Infrastructure:DataPath={data.Path}", "--Ports:Random=true");
        var images = Servers.Select(server =>
        {
            var image = model.Image(server == "kafka" ? "kafka-1" : server);
            return $"{server}={(image.Registry is null ? "" : $"{image.Registry}/")}{image.Image}:{image.Tag}";
        });
        await ChildProgram.RunAsync(
            RepositoryFiles.PathOf("LogPartitioning.Tests/Containers/build-images.sh"),
            [.. images],
            new Dictionary<string, string>(Docker.Environment) { ["KAFKA_HOME"] = InstalledServersProbe.Servers.Kafka.Home });
    }
}

/// <summary>The tests with containers. They run alone: brokers that start beside other tests are slow, and make those slow.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ContainerTests : ICollectionFixture<ContainerMachine>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Containers";
}
