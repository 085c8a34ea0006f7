using System.Runtime.CompilerServices;
using System.Text.Json;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>Reads the store through the gateway, as any client would. Every call may end in <see cref="GatewayException"/>.</summary>
internal sealed class GatewayStoredEvents(GatewayReads gateway) : IStoredEvents
{
    private const int PageSize = 1_000;

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredEvent> ReadAsync(string source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = $"api/logs?source={Uri.EscapeDataString(source)}&limit={PageSize}";
        for (var path = first; path is not null;)
        {
            var page = await gateway.GetAsync<Page>(path, cancellationToken);
            foreach (var item in page.Items)
            {
                yield return new StoredEvent(
                    item.Id, item.Source, item.Partition, item.Offset, LedgerEntry.MessageHash(item.Message),
                    StoredEvent.ReadRun(item.Attribute(LedgerEntry.RunAttribute)),
                    StoredEvent.ReadSequence(item.Attribute(LedgerEntry.SequenceAttribute)),
                    item.Key, item.StoredAt);
            }

            path = page.Next is { } cursor ? $"{first}&cursor={Uri.EscapeDataString(cursor)}" : null;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<int, long>> ReadNextOffsetsAsync(CancellationToken cancellationToken)
    {
        // Committed after the store's own transaction, and read by the gateway now and then: late, never early.
        var lag = await GroupLag.ReadAsync(gateway, cancellationToken);
        return lag.Partitions.Where(p => p.Committed is not null).ToDictionary(p => p.Partition, p => p.Committed!.Value);
    }

    /// <inheritdoc/>
    public async Task<SourceKeys> ReadKeysAsync(string source, CancellationToken cancellationToken)
    {
        var mapping = await gateway.GetMappingAsync(source, cancellationToken);
        return new SourceKeys(mapping.Partitions, mapping.Sources.Any(s => s.Source == source && s.Keys.Count > 1));
    }

    private sealed record Page(IReadOnlyList<Item> Items, string? Next = null);

    private sealed record Item(
        Guid Id, string Source, int Partition, long Offset, string Message,
        IReadOnlyDictionary<string, JsonElement>? Attributes = null, string? Key = null, DateTimeOffset? StoredAt = null)
    {
        public string? Attribute(string name) => Attributes?.GetValueOrDefault(name).ToString();
    }
}
