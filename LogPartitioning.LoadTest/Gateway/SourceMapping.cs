namespace LogPartitioning.LoadTest.Gateway;

/// <summary>The answer of <c>api/partition-mapping</c>: how sources are keyed, and where their keys belong.</summary>
/// <param name="Partitions">Partitions of the topic.</param>
/// <param name="Sources">The sources asked for, or the heaviest.</param>
internal sealed record SourceMapping(int Partitions, IReadOnlyList<MappedSource> Sources)
{
    public static Task<SourceMapping> OfAsync(GatewayReads gateway, string source, CancellationToken cancellationToken) =>
        gateway.GetAsync<SourceMapping>("api/partition-mapping?source=" + Uri.EscapeDataString(source), cancellationToken);
}

/// <param name="Source">The source.</param>
/// <param name="Keys">Its keys: itself alone, or several when it is split.</param>
/// <param name="Share">Its share of the window, where there is one.</param>
/// <param name="Hot">The system calls it hot.</param>
internal sealed record MappedSource(string Source, IReadOnlyList<MappedKey> Keys, double? Share = null, bool Hot = false);

/// <param name="Key">A record key.</param>
/// <param name="Partition">Where the system says that it belongs.</param>
internal sealed record MappedKey(string Key, int Partition);
