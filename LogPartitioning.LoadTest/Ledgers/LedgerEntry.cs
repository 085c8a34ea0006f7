using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace LogPartitioning.LoadTest.Ledgers;

/// <summary>An acknowledged event, as the ledger remembers it.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Sequence">Its place among the run's events of this source, from 1, in the order sent.</param>
/// <param name="Partition">The acknowledged partition.</param>
/// <param name="Offset">The acknowledged offset.</param>
/// <param name="Key">The record key, where the answer told it.</param>
/// <param name="Attempts">How often it was sent; above 1 an earlier attempt may have got through.</param>
/// <param name="Hash">The message's <see cref="MessageHash"/>.</param>
internal sealed record LedgerEntry(
    Guid Id,
    string Source,
    [property: JsonPropertyName("seq")] long Sequence,
    int Partition,
    long Offset,
    string? Key,
    int Attempts,
    string Hash)
{
    /// <summary>The attribute of every event that holds its run, so that the store can be audited.</summary>
    public const string RunAttribute = "run";

    /// <summary>The attribute of every event that holds its <see cref="Sequence"/>.</summary>
    public const string SequenceAttribute = "seq";

    /// <summary>The run that sent it; in the file it stands in the header.</summary>
    [JsonIgnore]
    public Guid Run { get; init; }

    /// <summary>Sent more than once with the same id.</summary>
    [JsonIgnore]
    public bool Retried => Attempts > 1;

    /// <summary>The first 16 bytes of SHA-256 over the message's UTF-8, in hexadecimal.</summary>
    public static string MessageHash(string message) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message)).AsSpan(0, 16));

    /// <summary>For each partition the highest acknowledged offset.</summary>
    public static Dictionary<int, long> HighestOffsets(IEnumerable<LedgerEntry> entries) =>
        entries.GroupBy(e => e.Partition).ToDictionary(partition => partition.Key, partition => partition.Max(e => e.Offset));
}

/// <summary>An event that was sent and given up: it may be stored or not.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Sequence">Its place among the run's events of this source.</param>
internal sealed record UnknownEntry(
    [property: JsonPropertyName("unknown")] Guid Id, string Source, [property: JsonPropertyName("seq")] long Sequence)
{
    /// <summary>The run that sent it; in the file it stands in the header.</summary>
    [JsonIgnore]
    public Guid Run { get; init; }
}
