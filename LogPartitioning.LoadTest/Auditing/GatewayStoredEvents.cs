using System.Runtime.CompilerServices;
using System.Text.Json;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>Reads the store through the gateway, as any client would.</summary>
public sealed class GatewayStoredEvents : IStoredEvents, IDisposable
{
    private const int PageSize = 1_000;

    private readonly HttpClient _http;
    private readonly GatewayReads _gateway;

    /// <param name="gateway">The gateway's address.</param>
    /// <param name="handler">Carries the requests; a pooled one when null. Not disposed.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public GatewayStoredEvents(Uri gateway, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        _http = GatewayHttp.Create(gateway, handler);
        _gateway = new GatewayReads(_http, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    /// <exception cref="GatewayException">The gateway does not answer, or refuses.</exception>
    public async IAsyncEnumerable<StoredEvent> ReadAsync(string source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var path = $"api/logs?source={Uri.EscapeDataString(source)}&limit={PageSize}"
                + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor));
            using var page = await _gateway.GetAsync(path, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                yield return ReadEvent(item);
            }

            cursor = page.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
    }

    /// <inheritdoc/>
    /// <exception cref="GatewayException">The gateway does not answer, or refuses.</exception>
    public async Task<IReadOnlyDictionary<int, long>> ReadNextOffsetsAsync(CancellationToken cancellationToken)
    {
        // Committed after the store's own transaction, and read by the gateway now and then: late, never early.
        using var lag = await _gateway.GetAsync("api/consumer/lag", cancellationToken).ConfigureAwait(false);
        var offsets = new Dictionary<int, long>();
        foreach (var partition in lag.RootElement.GetProperty("partitions").EnumerateArray())
        {
            if (partition.TryGetProperty("committed", out var committed) && committed.ValueKind == JsonValueKind.Number)
            {
                offsets[partition.GetProperty("partition").GetInt32()] = committed.GetInt64();
            }
        }

        return offsets;
    }

    /// <inheritdoc/>
    /// <exception cref="GatewayException">The gateway does not answer, or refuses.</exception>
    public async Task<SourceKeys> ReadKeysAsync(string source, CancellationToken cancellationToken)
    {
        using var mapping = await _gateway.GetAsync(
            "api/partition-mapping?source=" + Uri.EscapeDataString(source), cancellationToken).ConfigureAwait(false);
        var root = mapping.RootElement;
        foreach (var item in root.GetProperty("sources").EnumerateArray())
        {
            if (item.GetProperty("source").GetString() == source)
            {
                var keys = item.GetProperty("keys").EnumerateArray()
                    .Select(key => KeyValuePair.Create(key.GetProperty("key").GetString()!, key.GetProperty("partition").GetInt32()))
                    .ToArray();
                return new SourceKeys(
                    root.GetProperty("partitions").GetInt32(),
                    [.. keys.Select(key => key.Key)],
                    new Dictionary<string, int>(keys, StringComparer.Ordinal));
            }
        }

        return new SourceKeys(root.GetProperty("partitions").GetInt32(), [source]);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static StoredEvent ReadEvent(JsonElement item)
    {
        Guid? run = null;
        long? sequence = null;
        if (item.TryGetProperty("attributes", out var attributes) && attributes.ValueKind == JsonValueKind.Object)
        {
            run = attributes.TryGetProperty(EventAttributes.Run, out var its)
                && its.ValueKind == JsonValueKind.String && its.TryGetGuid(out var id) ? id : null;
            sequence = attributes.TryGetProperty(EventAttributes.Sequence, out var number)
                && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var place) ? place : null;
        }

        return new StoredEvent(
            item.GetProperty("id").GetGuid(),
            item.GetProperty("source").GetString()!,
            item.GetProperty("partition").GetInt32(),
            item.GetProperty("offset").GetInt64(),
            LedgerEntry.MessageHash(item.GetProperty("message").GetString()!),
            run,
            sequence,
            item.TryGetProperty("key", out var key) ? key.GetString() : null,
            item.TryGetProperty("storedAt", out var storedAt) ? storedAt.GetDateTimeOffset() : null);
    }
}
