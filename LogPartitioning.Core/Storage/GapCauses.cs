namespace LogPartitioning.Core.Storage;

/// <summary>Why offsets were passed that should have been stored, as <c>log_gaps.cause</c> has it.</summary>
public static class GapCauses
{
    /// <summary>The brokers no longer had the records.</summary>
    public const string Deleted = "deleted";

    /// <summary>An operator moved the position beyond them.</summary>
    public const string Skipped = "skipped";
}
