using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// What a failure of the brokers or of their client is called to callers. Its own words hold addresses, names of users and settings, and
/// are for the log.
/// </summary>
public static class BrokerFailure
{
    /// <summary>The failure as part of a sentence.</summary>
    public static string InWords(Error error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Code switch
        {
            ErrorCode.Local_TimedOut or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.RequestTimedOut => "the brokers do not answer in time",
            ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.NetworkException => "the brokers cannot be reached",
            ErrorCode.Local_Ssl => "TLS with the brokers fails",
            ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism or ErrorCode.IllegalSaslState => "the brokers refuse the login",
            ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
                or ErrorCode.TransactionalIdAuthorizationFailed => "the brokers give no right to it",
            ErrorCode.Local_QueueFull => "too many records are waiting for the brokers",
            _ => $"the brokers or their client refuse it ({error.Code})",
        };
    }
}
