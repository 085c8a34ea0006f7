namespace LogPartitioning.AppHost.Kafka.Containers;

/// <summary>The image that broker containers run.</summary>
internal static class KafkaContainerImageTags
{
    // Not AddKafka's own confluent-local: that one also starts a REST proxy, and exits when either dies.
    public const string Image = "confluentinc/cp-kafka";

    public const string Tag = "8.2.0";
}
