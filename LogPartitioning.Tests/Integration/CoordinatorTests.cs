using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Core.Lag;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>A group's coordinator on real brokers.</summary>
[Trait("Category", "Brokers")]
[Collection(SharedApplication.Name)]
public sealed class CoordinatorTests(ApplicationFixture fixture)
{
    private const string OffsetsTopic = "__consumer_offsets";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RunningApplication _application = fixture.Application;

    /// <summary>
    /// So it is when brokers balance their leaders some minutes after one has come back: no connection breaks that would
    /// tell a client to look again.
    /// </summary>
    [ServerFact]
    public async Task Offsets_are_read_again_when_the_coordinator_moves_while_all_brokers_stay_up()
    {
        using var admin = new AdminClientBuilder(KafkaAccess.Configure(_application, new AdminClientConfig())).Build();
        var group = GroupBesideTheApplications(admin);
        using var reader = new GroupOffsetsReader(
            KafkaAccess.Configure(_application, new ClientConfig()), group, KafkaAccess.OptionsOf(_application).Topic,
            TimeSpan.FromSeconds(5), TimeProvider.System, _ => { }, BrokerCapabilities.From(KafkaAccess.OptionsOf(_application)));
        await Readings.SeesAsync(reader, KafkaAccess.OptionsOf(_application).Partitions, Patience);
        var before = Coordinating(admin, group);

        int[] replicas = [.. before.Replicas.Where(replica => replica != before.Leader), before.Leader];
        await KafkaTools.ReassignAsync(_application, OffsetsTopic, before.PartitionId, replicas);
        await SeesAsync(admin, group, "replicas in another order", now => string.Join(' ', now.Replicas), string.Join(' ', replicas));
        await KafkaTools.ElectPreferredLeaderAsync(_application, OffsetsTopic, before.PartitionId);
        await SeesAsync(admin, group, "another coordinator", now => now.Leader, replicas[0]);

        await Readings.SeesAsync(reader, KafkaAccess.OptionsOf(_application).Partitions, Patience);
    }

    /// <summary>A group whose coordinator is found in another partition than that of the application's group, which is not to be disturbed.</summary>
    private string GroupBesideTheApplications(IAdminClient admin)
    {
        var application = Coordinating(admin, KafkaAccess.OptionsOf(_application).Group).PartitionId;
        return Enumerable.Range(1, 100).Select(n => $"moved-{n}").First(group => Coordinating(admin, group).PartitionId != application);
    }

    /// <summary>The partition whose leader coordinates a group: chosen by the hash that Java gives the group's name.</summary>
    private static PartitionMetadata Coordinating(IAdminClient admin, string group)
    {
        var partitions = admin.GetMetadata(OffsetsTopic, TimeSpan.FromSeconds(10)).Topics.Single().Partitions;
        var hash = group.Aggregate(0, (sum, letter) => unchecked((31 * sum) + letter));
        return partitions.Single(partition => partition.PartitionId == (hash & int.MaxValue) % partitions.Count);
    }

    private static async Task SeesAsync<T>(IAdminClient admin, string group, string what, Func<PartitionMetadata, T> look, T expected) =>
        await Eventually.SeesAsync(what, _ => Task.FromResult(look(Coordinating(admin, group))), seen => Equals(seen, expected), Patience);
}
