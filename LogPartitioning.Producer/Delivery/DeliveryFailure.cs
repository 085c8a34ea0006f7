using Confluent.Kafka;

namespace LogPartitioning.Producer.Delivery;

/// <summary>What it takes for a record that was not acknowledged to be acknowledged after all.</summary>
internal enum DeliveryFailure
{
    /// <summary>Nothing but time: the same event may be acknowledged when it is sent again.</summary>
    NotNow,

    /// <summary>A smaller event: by itself it is larger than the brokers take.</summary>
    TooLarge,

    /// <summary>An operator: the brokers, or this service's rights at them, are set up in a way that lets no such record in.</summary>
    Setup,

    /// <summary>Another id: this one is that of another event. It was not sent.</summary>
    IdTaken,
}

/// <summary>Which of the brokers' and the client's errors is which failure.</summary>
internal static class DeliveryFailures
{
    /// <summary>
    /// What <paramref name="code"/> means for a record that was in a batch by itself. What is not known to last is taken to pass:
    /// an event that is sent in vain costs less than one that is not sent again.
    /// </summary>
    public static DeliveryFailure Of(ErrorCode code) => code switch
    {
        ErrorCode.MsgSizeTooLarge => DeliveryFailure.TooLarge,

        // Rights and ways to log in.
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed
            or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism or ErrorCode.IllegalSaslState
            or ErrorCode.SecurityDisabled or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl => DeliveryFailure.Setup,

        // Rules of the topic or of the brokers that every record of this service breaks.
        ErrorCode.TopicException or ErrorCode.InvalidRequiredAcks or ErrorCode.PolicyViolation or ErrorCode.InvalidRecord
            or ErrorCode.InvalidTimestamp or ErrorCode.UnsupportedForMessageFormat or ErrorCode.UnsupportedCompressionType
            or ErrorCode.UnsupportedVersion => DeliveryFailure.Setup,

        // What the client finds it cannot do with its own settings.
        ErrorCode.Local_InvalidArg or ErrorCode.Local_UnsupportedFeature or ErrorCode.Local_NotImplemented
            or ErrorCode.Local_NotConfigured => DeliveryFailure.Setup,

        _ => DeliveryFailure.NotNow,
    };
}
