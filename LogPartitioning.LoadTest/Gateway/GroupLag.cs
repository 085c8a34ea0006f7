namespace LogPartitioning.LoadTest.Gateway;

/// <summary>The answer of <c>api/consumer/lag</c>, as far as it is needed here.</summary>
/// <param name="Partitions">Each partition's figures.</param>
/// <param name="TotalLag">Records that the group has not committed.</param>
/// <param name="Verdict">What the system says of it.</param>
internal sealed record GroupLag(IReadOnlyList<PartitionLag> Partitions, long TotalLag, string? Verdict = null)
{
    public static Task<GroupLag> ReadAsync(GatewayReads gateway, CancellationToken cancellationToken) =>
        gateway.GetAsync<GroupLag>("api/consumer/lag", cancellationToken);
}

/// <param name="Partition">The partition.</param>
/// <param name="EndOffset">The offset of the next record to be written.</param>
/// <param name="Committed">The offset of the next record to be stored; null where nothing was committed.</param>
/// <param name="Lag">Records between the two.</param>
internal sealed record PartitionLag(int Partition, long EndOffset, long? Committed, long Lag)
{
    /// <summary>Without a commit all of the partition's records are lag; how many it still has, only the brokers know.</summary>
    public bool AddsUp => Committed is { } committed ? Lag == Math.Max(0, EndOffset - committed) : Lag >= 0 && Lag <= EndOffset;
}
