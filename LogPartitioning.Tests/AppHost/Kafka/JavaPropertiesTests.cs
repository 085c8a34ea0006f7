using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.Tests.AppHost.Kafka;

public sealed class JavaPropertiesTests
{
    [Theory]
    // The rules of java.util.Properties.load: https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Properties.html
    [InlineData("/var/lib/kafka", "/var/lib/kafka")]
    [InlineData("/a folder/log", "/a folder/log")]
    [InlineData("/für/log", @"/f\u00fcr/log")]
    [InlineData("/it's \"here\"", "/it's \"here\"")]
    [InlineData(@"C:\kafka", @"C:\\kafka")]
    [InlineData("  two blanks first", @"\  two blanks first")]
    [InlineData("a\nb\tc", @"a\nb\tc")]
    [InlineData("name=value#!:", "name=value#!:")]
    public void Special_characters_in_a_value_are_escaped(string value, string written) =>
        Assert.Equal($"name={written}\n", new JavaProperties { { "name", value } }.ToString());

    [Fact]
    public void Special_characters_in_a_name_are_escaped() =>
        Assert.Equal(@"a\ b\=c\:d\#e\!f=1" + "\n", new JavaProperties { { "a b=c:d#e!f", 1 } }.ToString());

    [Fact]
    public void A_path_that_java_kafka_or_aspire_would_split_is_refused_at_the_start()
    {
        Assert.Null(KafkaDistribution.PathProblem("/opt/kafka für \"mich\"", "/my data/it's/kafka"));
        Assert.Contains("class path", KafkaDistribution.PathProblem("/opt/a:b", "/data"), StringComparison.Ordinal);
        Assert.Contains("log.dirs", KafkaDistribution.PathProblem("/opt/kafka", "/a,b"), StringComparison.Ordinal);
        Assert.Equal(OperatingSystem.IsWindows(), KafkaDistribution.PathProblem("/opt/kafka", @"/a\b") is null);

        using var machine = new FakeMachine("4.1.0");
        machine["Infrastructure:DataPath"] = machine.At("a,b");
        Assert.Contains("Infrastructure:DataPath", machine.Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_configuration_is_named_by_an_address_that_no_character_of_the_path_ends()
    {
        var arguments = new JavaProgram(new KafkaDistribution("/k", new Version(4, 1, 0)), "/my für,\"mich\"#1%20").Arguments("64m", [], "kafka.Kafka");

        Assert.Contains("-Dlog4j2.configurationFile=file:///my%20f%C3%BCr%2C%22mich%22%231%2520/log4j2.properties", arguments);
    }
}
