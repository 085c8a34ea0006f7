namespace LogPartitioning.Gateway.Audit;

/// <summary>Whether a key's events were stored in the order in which they were acknowledged: the times of their rows do not go back along the offsets.</summary>
internal static class KeyOrder
{
    /// <summary>How many records of each source were stored before one that stands before them under their key.</summary>
    public static IReadOnlyDictionary<string, int> Violations(IEnumerable<AuditedRecord> records) => records
        .Where(record => record.Outcome == AuditOutcome.Stored)
        .GroupBy(record => (record.Partition, record.Log, record.Key))
        .SelectMany(key => key.OrderBy(record => record.Offset).Aggregate(
            (Latest: DateTime.MinValue, Sources: new List<string>()),
            (seen, record) =>
            {
                if (record.StoredAt < seen.Latest)
                {
                    seen.Sources.Add(record.Event.Source);
                }

                return (record.StoredAt > seen.Latest ? record.StoredAt.Value : seen.Latest, seen.Sources);
            }).Sources)
        .CountBy(source => source, StringComparer.Ordinal)
        .ToDictionary(StringComparer.Ordinal);
}
