namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>What a message says, as parts of its bytes; empty where it says nothing of that.</summary>
internal ref struct SyslogMessage
{
    /// <summary>Facility × 8 + severity.</summary>
    public int? Priority;

    /// <summary>The time as it is written.</summary>
    public ReadOnlySpan<byte> Timestamp;

    /// <summary>The time that it is; null where there is none.</summary>
    public DateTimeOffset? Time;

    /// <summary>Whether something of the time was left to guess: it is written without a year and a zone.</summary>
    public bool IsGuessed;

    public ReadOnlySpan<byte> Host;

    public ReadOnlySpan<byte> App;

    public ReadOnlySpan<byte> ProcessId;

    public ReadOnlySpan<byte> MessageId;

    /// <summary>The elements of structured data, one behind the other (<see cref="StructuredDataReader"/>).</summary>
    public ReadOnlySpan<byte> StructuredData;

    public ReadOnlySpan<byte> Text;
}
