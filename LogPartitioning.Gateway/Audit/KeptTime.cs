using LogPartitioning.Core.Storage;

namespace LogPartitioning.Gateway.Audit;

/// <summary>For how long the store can tell what became of an event.</summary>
internal static class KeptTime
{
    /// <summary>By how much the clocks of brokers, services and senders may differ.</summary>
    public static readonly TimeSpan ClockMargin = TimeSpan.FromHours(1);

    /// <summary>Marks what was not found and need not be there any more.</summary>
    /// <param name="records">Records of which those that were found have their outcome.</param>
    /// <param name="store">How long events and ids are kept.</param>
    /// <param name="now">The time.</param>
    public static void MarkExpired(IEnumerable<AuditedRecord> records, StoreOptions store, DateTimeOffset now)
    {
        var days = store.ShorterLevels().ToDictionary(shorter => shorter.Level, shorter => shorter.Days);
        foreach (var record in records.Where(record => record.Outcome == AuditOutcome.Missing))
        {
            // A retry of an event whose id is forgotten cannot be told from what is missing.
            if (record.Event.Timestamp < now - Kept(days.GetValueOrDefault(record.Event.Level, store.RetentionDays)) || record.AppendedAt < now - Kept(store.IdWindowDays))
            {
                record.Outcome = AuditOutcome.Expired;
            }
        }

        static TimeSpan Kept(int days) => TimeSpan.FromDays(days) - ClockMargin;
    }
}
