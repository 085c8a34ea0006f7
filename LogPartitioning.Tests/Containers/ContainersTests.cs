using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Containers;

/// <summary>The mode Containers for real. Skipped where no Docker engine can be started, on CI too: that is a condition of the
/// machine. The images behave like the real ones as far as the AppHost uses them (see <c>build-images.sh</c>).</summary>
[Collection(ContainerTests.Name)]
[Trait("Category", "Containers")]
[Trait("Category", "Slow")]
public sealed class ContainersTests(ContainerMachine machine)
{
    private static readonly string[] Volumes =
        ["log-partitioning-kafka-1", "log-partitioning-kafka-2", "log-partitioning-kafka-3", "log-partitioning-postgres", "log-partitioning-prometheus"];

    private int _sent;

    [SkippableFact]
    public async Task Events_outlive_a_killed_broker_and_the_containers()
    {
        Skip.IfNot(machine.WhatIsMissing is null, machine.WhatIsMissing);
        using var data = new TemporaryFolder();

        await using (var application = await ContainerApplication.StartAsync(machine.Docker, data.Path))
        {
            await application.ScrapedAsync("producer", "consumer-1", "consumer-2", "gateway");
            await SendAndReadAsync(application);

            // It stays away: two replicas in sync are enough.
            await application.KillAsync("kafka-2");
            await SendAndReadAsync(application);
            await application.EndAsync();
        }

        Assert.Equal(Volumes, await VolumesAsync());
        await using (var application = await ContainerApplication.StartAsync(machine.Docker, data.Path))
        {
            Assert.Equal(Messages(0, _sent), await application.StoredAsync(_sent));
            await application.InSyncAsync(3);

            // It comes back, and catches up.
            var broker = await application.KillAsync("kafka-3");
            await application.InSyncAsync(2);
            await SendAndReadAsync(application);
            await machine.Docker.RunAsync("start", broker);
            await application.InSyncAsync(3);
            await SendAndReadAsync(application);
            await application.EndAsync();
        }

        await machine.Docker.RunAsync("volume", "create", "log-partitioning-mine");
        var said = await ChildProgram.RunAsync("bash", ["-c", "source \"$0\" && delete_volumes", RepositoryFiles.PathOf("setup/volumes.sh")], machine.Docker.Environment);

        Assert.Equal($"deleted the volumes {string.Join(' ', Volumes)}", said.Trim());
        Assert.Equal(["log-partitioning-mine"], await VolumesAsync());
    }

    // The first half of them goes in at once; the other half a few at a time.
    private async Task SendAndReadAsync(ContainerApplication application)
    {
        const int Burst = 100;
        const int Small = 10;
        const int SmallBatches = 10;
        await SendAsync(Burst);
        for (var batch = 0; batch < SmallBatches; batch++)
        {
            await SendAsync(Small);
        }

        Assert.Equal(Messages(0, _sent), await application.StoredAsync(_sent));

        async Task SendAsync(int count)
        {
            await application.SendAsync(Messages(_sent, count));
            _sent += count;
        }
    }

    private static IEnumerable<string> Messages(int first, int count) => Enumerable.Range(first, count).Select(number => $"event {number}");

    private async Task<IEnumerable<string>> VolumesAsync() =>
        (await machine.Docker.RunAsync("volume", "ls", "--format", "{{.Name}}")).Where(name => name.StartsWith("log-partitioning-", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
}
