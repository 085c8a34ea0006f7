using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.Tests.AppHost.Kafka;

public sealed class KafkaDataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("4.4.0", "4.4.0")]
    [InlineData("4.1.0", "4.4.0")]
    [InlineData("3.9.1", "4.4.0")]
    [InlineData("4.4.1", "4.4.0")]
    [InlineData("0.9.0.1", "0.9.0.1")]
    public void Brokers_go_on_with_data_of_their_own_or_an_earlier_version(string left, string now)
    {
        Leave(left);

        Assert.Null(KafkaDataFolder.Problem(_folder.Path, Distribution(now)));
    }

    [Theory]
    [InlineData("0.9.0.1", "4.4.0")]
    [InlineData("4.4.0", "0.9.0.1")]
    [InlineData("4.4.0", "4.3.1")]
    public void Other_data_are_refused_with_what_to_do_and_left_alone(string left, string now)
    {
        Leave(left);
        var kept = _folder.AddFile("broker-1", "log", "events-0", "00000000000000000000.log");

        var problem = KafkaDataFolder.Problem(_folder.Path, Distribution(now));

        Assert.Equal(
            $"{_folder.Path} holds the data of Kafka {left}, which Kafka {now} in /kafka cannot read. "
            + "Set KAFKA_HOME to a distribution of that version, or Infrastructure:DataPath to another folder; ./run.sh clean deletes the old data.",
            problem);
        Assert.True(File.Exists(kept));
    }

    [Theory]
    [InlineData("version=0\nbroker.id=1", "a Kafka before 3.3", "4.4.0")]
    [InlineData("version=1\nnode.id=1", "a Kafka of 3.3 or later", "0.9.0.1")]
    public void Data_without_a_version_mark_are_told_by_their_kind(string properties, string kind, string now)
    {
        File.WriteAllText(_folder.AddFile("broker-1", "log", "meta.properties"), properties);

        Assert.Contains($"holds the data of {kind}, which", KafkaDataFolder.Problem(_folder.Path, Distribution(now)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_on_the_data_of_another_kafka_is_refused()
    {
        using var machine = new FakeMachine("4.4.0");
        machine.AddFile("data", "kafka", "broker-1", "log", "meta.properties");
        KafkaDataFolder.Mark(machine.At("data", "kafka"), Distribution("0.9.0.1"));

        Assert.Contains("cannot read", machine.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_mark_without_data_refuses_nothing()
    {
        KafkaDataFolder.Mark(_folder.Path, Distribution("4.4.0"));

        Assert.Null(KafkaDataFolder.Problem(_folder.Path, Distribution("0.9.0.1")));
    }

    private void Leave(string version)
    {
        _folder.AddFile("broker-1", "log", "meta.properties");
        KafkaDataFolder.Mark(_folder.Path, Distribution(version));
    }

    private static KafkaDistribution Distribution(string version) => new("/kafka", Version.Parse(version));
}
