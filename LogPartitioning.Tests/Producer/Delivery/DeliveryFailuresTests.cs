using Confluent.Kafka;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Tests.Producer.Delivery;

public sealed class DeliveryFailuresTests
{
    /// <summary>The errors after which sending the same event again does not help by itself. All others, the ones that a later
    /// version of the client adds among them, are taken to pass.</summary>
    private static readonly Dictionary<ErrorCode, DeliveryFailure> Lasting = new()
    {
        [ErrorCode.MsgSizeTooLarge] = DeliveryFailure.TooLarge,
        [ErrorCode.TopicAuthorizationFailed] = DeliveryFailure.Setup,
        [ErrorCode.ClusterAuthorizationFailed] = DeliveryFailure.Setup,
        [ErrorCode.TransactionalIdAuthorizationFailed] = DeliveryFailure.Setup,
        [ErrorCode.SaslAuthenticationFailed] = DeliveryFailure.Setup,
        [ErrorCode.UnsupportedSaslMechanism] = DeliveryFailure.Setup,
        [ErrorCode.IllegalSaslState] = DeliveryFailure.Setup,
        [ErrorCode.SecurityDisabled] = DeliveryFailure.Setup,
        [ErrorCode.Local_Authentication] = DeliveryFailure.Setup,
        [ErrorCode.Local_Ssl] = DeliveryFailure.Setup,
        [ErrorCode.TopicException] = DeliveryFailure.Setup,
        [ErrorCode.InvalidRequiredAcks] = DeliveryFailure.Setup,
        [ErrorCode.PolicyViolation] = DeliveryFailure.Setup,
        [ErrorCode.InvalidRecord] = DeliveryFailure.Setup,
        [ErrorCode.InvalidTimestamp] = DeliveryFailure.Setup,
        [ErrorCode.UnsupportedForMessageFormat] = DeliveryFailure.Setup,
        [ErrorCode.UnsupportedCompressionType] = DeliveryFailure.Setup,
        [ErrorCode.UnsupportedVersion] = DeliveryFailure.Setup,
        [ErrorCode.Local_InvalidArg] = DeliveryFailure.Setup,
        [ErrorCode.Local_UnsupportedFeature] = DeliveryFailure.Setup,
        [ErrorCode.Local_NotImplemented] = DeliveryFailure.Setup,
        [ErrorCode.Local_NotConfigured] = DeliveryFailure.Setup,
    };

    /// <summary>Those of which the opposite would lose events or send clients round in circles, by name.</summary>
    [Theory]
    [InlineData(ErrorCode.Local_MsgTimedOut)]
    [InlineData(ErrorCode.Local_QueueFull)]
    [InlineData(ErrorCode.Local_AllBrokersDown)]
    [InlineData(ErrorCode.Local_Transport)]
    [InlineData(ErrorCode.Local_Fatal)]
    [InlineData(ErrorCode.Local_PurgeQueue)]
    [InlineData(ErrorCode.Local_UnknownTopic)]
    [InlineData(ErrorCode.Local_UnknownPartition)]
    [InlineData(ErrorCode.Unknown)]
    [InlineData(ErrorCode.InvalidMsg)]
    [InlineData(ErrorCode.UnknownTopicOrPart)]
    [InlineData(ErrorCode.LeaderNotAvailable)]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.NetworkException)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend)]
    [InlineData(ErrorCode.OutOfOrderSequenceNumber)]
    [InlineData(ErrorCode.InvalidProducerEpoch)]
    [InlineData(ErrorCode.UnknownProducerId)]
    [InlineData(ErrorCode.KafkaStorageError)]
    [InlineData(ErrorCode.RecordListTooLarge)]
    public void What_passes_may_be_sent_again(ErrorCode code) => Assert.Equal(DeliveryFailure.NotNow, DeliveryFailures.Of(code));

    [Fact]
    public void Every_error_is_one_that_passes_or_one_of_the_table() => Assert.All(
        Enum.GetValues<ErrorCode>().Distinct(),
        code => Assert.Equal(Lasting.GetValueOrDefault(code, DeliveryFailure.NotNow), DeliveryFailures.Of(code)));
}
