using System.Diagnostics;

namespace LogPartitioning.Consumer;

/// <summary>The source of the instance's spans.</summary>
internal static class ConsumerTraces
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "LogPartitioning.Consumer";

    public static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether somebody records spans; only then is the header that names a record's trace looked at.</summary>
    public static bool AreRecorded => Source.HasListeners();
}
