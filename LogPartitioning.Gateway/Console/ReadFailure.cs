using Confluent.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Query;
using Npgsql;

namespace LogPartitioning.Gateway.Console;

/// <summary>What a page says where what it shows cannot be read.</summary>
internal static class ReadFailure
{
    /// <summary>The words; null for a failure that is none of reading.</summary>
    public static string? InWords(Exception failure) => failure switch
    {
        KafkaException or GroupOffsetsException => "The brokers do not answer.",
        SearchTooWideException tooWide => $"The text {tooWide.Message}.",
        NpgsqlException => "The log store does not answer.",
        _ => FailedRead.Is(failure) ? failure.Message : null,
    };
}
