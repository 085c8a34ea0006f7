using System.Globalization;

namespace LogPartitioning.Gateway.Audit;

/// <summary>What of the audit is not as promised.</summary>
internal static class AuditAlarms
{
    /// <summary>A sentence each; none when all is as it should be.</summary>
    public static IEnumerable<string> Of(AuditCounts total, CanaryView canary)
    {
        if (total.Missing > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{total.Missing} of {total.Acknowledged} acknowledged records that were looked up in the last hour are in the store nowhere");
        }

        if (total.OutOfOrder > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{total.OutOfOrder} of {total.Acknowledged} records that were looked up in the last hour were stored before one that stands before them under their key");
        }

        // One may meet a restart; two in a row are no accident.
        if (canary.Trips is [.., { Problem: not null }, { Problem: { } problem }])
        {
            yield return $"an event of the gateway's own does not come back: {problem}";
        }
    }
}
