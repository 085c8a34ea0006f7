using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace LogPartitioning.Tests.Application;

/// <summary>A rebalance as the gateway shows it.</summary>
internal sealed record Rebalance(
    string Id, DateTimeOffset At, string Instance, string Cause, IReadOnlyList<int> Gained, IReadOnlyList<int> GivenUp,
    IReadOnlyList<int> Kept, long Drained, long Dropped, double DurationMs, IReadOnlyDictionary<int, double> Pauses)
{
    /// <summary>The last hundred, without those before <paramref name="since"/>.</summary>
    public static async Task<IReadOnlyList<Rebalance>> ReadAsync(RunningApplication application, DateTimeOffset since)
    {
        var answer = await application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/rebalances");
        return [.. answer.GetProperty("items").EnumerateArray().Select(From).Where(r => r.At >= since)];
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At:HH:mm:ss.fff} {Instance} {Cause}: gained {string.Join(',', Gained)} gave up {string.Join(',', GivenUp)} kept {string.Join(',', Kept)} drained {Drained} in {DurationMs:0} ms; pauses {string.Join(' ', Pauses.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}:{p.Value:0}")))}");

    private static Rebalance From(JsonElement item) => new(
        item.GetProperty("id").GetString()!, item.GetProperty("at").GetDateTimeOffset(), item.GetProperty("instance").GetString()!,
        item.GetProperty("cause").GetString()!, Numbers(item, "gained"), Numbers(item, "givenUp"), Numbers(item, "kept"),
        item.GetProperty("drained").GetInt64(), item.GetProperty("dropped").GetInt64(), item.GetProperty("durationMs").GetDouble(),
        item.GetProperty("pauses").EnumerateArray().ToDictionary(p => p.GetProperty("partition").GetInt32(), p => p.GetProperty("ms").GetDouble()));

    private static int[] Numbers(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(n => n.GetInt32())];
}
