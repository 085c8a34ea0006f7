using System.Diagnostics;

namespace LogPartitioning.ServiceDefaults.OwnLogs;

/// <summary>
/// Marks the requests that bring own logs, and all that is done for them, in the baggage of W3C's trace context, which goes with a request from service to
/// service: what a service logs while it takes own logs is not sent again, or there would be no end to it.
/// </summary>
internal static class OwnLogsMark
{
    /// <summary>The header that carries baggage.</summary>
    public const string Header = "baggage";

    /// <summary>What stands in it.</summary>
    public const string Baggage = $"{Name}=1";

    private const string Name = "log-partitioning-own-logs";

    /// <summary>Whether what is at work now takes own logs.</summary>
    public static bool IsHere => Activity.Current?.GetBaggageItem(Name) is not null;
}
