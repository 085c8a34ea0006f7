using LogPartitioning.AppHost.Kafka;

namespace LogPartitioning.Tests.AppHost.Kafka;

public sealed class KafkaMetadataRequestTests
{
    [Fact]
    public void The_request_is_metadata_version_0_and_names_no_topic_that_a_broker_could_create() =>
        Assert.Equal(
            "0000001C" + "0003" + "0000" + "00000001" + "000E" + Convert.ToHexString("apphost-health"u8) + "00000000",
            Convert.ToHexString(KafkaMetadataRequest.Request()));

    [Fact]
    public void The_answer_lists_brokers_by_id()
    {
        // What a 0.9.0.1 broker answered.
        var response = Convert.FromHexString(
            "00000001" + "00000003"
            + "00000001" + "0009" + "3132372E302E302E31" + "00004A94"
            + "00000002" + "0009" + "3132372E302E302E31" + "00004A95"
            + "00000003" + "0009" + "3132372E302E302E31" + "00004A96"
            + "00000000");

        Assert.Equal([1, 2, 3], KafkaMetadataRequest.Brokers(response).Order());
    }

    [Fact]
    public void An_answer_that_breaks_off_is_an_error() =>
        Assert.Throws<IOException>(() => KafkaMetadataRequest.Brokers(Convert.FromHexString("000000010000000300000001")));
}
