using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.Tests.AppHost.Kafka;

public sealed class KafkaDistributionTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("kafka_2.11-0.9.0.1.jar", "0.9.0.1", false, true)]
    [InlineData("kafka_2.11-0.10.2.2.jar", "0.10.2.2", false, true)]
    [InlineData("kafka_2.12-0.11.0.3.jar", "0.11.0.3", false, false)]
    [InlineData("kafka_2.13-3.2.3.jar", "3.2.3", false, false)]
    [InlineData("kafka_2.13-3.3.1.jar", "3.3.1", true, false)]
    [InlineData("kafka_2.13-3.9.1.jar", "3.9.1", true, false)]
    [InlineData("kafka_2.13-4.0.0-rc1.jar", "4.0.0", true, false)]
    [InlineData("kafka_2.13-4.1.0.jar", "4.1.0", true, false)]
    public void The_version_is_in_the_name_of_the_brokers_jar(string jar, string version, bool kraft, bool hint)
    {
        _home.AddFile("libs", jar);
        _home.AddFile("libs", "kafka-clients-1.2.3.jar");

        Assert.True(KafkaDistribution.TryOpen(_home.Path, out var distribution, out _));
        Assert.Equal(Version.Parse(version), distribution.Version);
        Assert.Equal(kraft, distribution.UsesKRaft);
        Assert.Equal(hint, FallbackKafka.VersionForClients(distribution) is not null);
    }

    [Fact]
    public void Jars_of_sources_documentation_and_tests_do_not_count()
    {
        foreach (var suffix in new[] { "", "-javadoc", "-scaladoc", "-sources", "-test" })
        {
            _home.AddFile("libs", $"kafka_2.11-0.9.0.1{suffix}.jar");
        }

        Assert.True(KafkaDistribution.TryOpen(_home.Path, out var distribution, out _));
        Assert.Equal(new Version(0, 9, 0, 1), distribution.Version);
    }

    [Fact]
    public void A_folder_without_the_brokers_jar_is_no_distribution()
    {
        _home.AddFile("libs", "kafka-clients-3.9.1.jar");

        Assert.False(KafkaDistribution.TryOpen(_home.Path, out _, out var problem));
        Assert.Equal($"{_home.At("libs")} has no kafka_<scala>-<version>.jar", problem);
    }

    [Fact]
    public void Two_versions_in_one_folder_are_refused()
    {
        _home.AddFile("libs", "kafka_2.13-3.9.1.jar");
        _home.AddFile("libs", "kafka_2.13-3.6.0.jar");

        Assert.False(KafkaDistribution.TryOpen(_home.Path, out _, out var problem));
        Assert.EndsWith("more than one version: 3.6.0, 3.9.1", problem, StringComparison.Ordinal);
    }
}
