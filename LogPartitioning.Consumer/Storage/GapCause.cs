using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Storage;

/// <summary>Why offsets have no record: the metric's label <c>cause</c>.</summary>
internal static class GapCause
{
    /// <summary>The brokers had deleted the records before they were stored: by retention, or because somebody asked them to.</summary>
    public const string Deleted = GapCauses.Deleted;

    /// <summary>The topic is compacted: an older record of a key goes when a newer one has come. Nothing is wrong.</summary>
    public const string Compaction = "compaction";

    /// <summary>The end of a transaction, or records of one that was aborted. Nothing is wrong.</summary>
    public const string Transaction = "transaction";

    /// <summary>All causes.</summary>
    public static IReadOnlyList<string> All { get; } = [Deleted, Compaction, Transaction];
}
