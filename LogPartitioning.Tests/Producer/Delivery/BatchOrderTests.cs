using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace LogPartitioning.Tests.Producer.Delivery;

/// <summary>What the guarantees say of a batch of which a part was not acknowledged. By itself: it lets a request fail.</summary>
[Trait("Category", "Slow")]
public sealed class BatchOrderTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    [Fact]
    public async Task Accepted_events_of_a_batch_stand_in_the_order_sent_and_those_sent_again_behind_them()
    {
        // More than the client puts into one batch, and one key.
        var filler = new string('x', 2_000);
        var ids = Enumerable.Range(0, 2_000).Select(_ => Guid.CreateVersion7()).ToList();
        string Line(int i) => $$"""{"id":"{{ids[i]}}","source":"one","message":"{{i}} {{filler}}"}""";
        producer.Cluster.FailProduceRequests(ErrorCode.Unknown);

        using var first = await Post(string.Join("\n", Enumerable.Range(0, ids.Count).Select(Line)), "application/x-ndjson");
        var results = Results(await first.Content.ReadFromJsonAsync<JsonElement>());

        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        var accepted = results.Where(result => result.GetProperty("status").GetString() == "accepted").Select(OffsetOf).ToList();
        Assert.InRange(accepted.Count, 1, ids.Count - 1);
        Assert.Equal(accepted.Order(), accepted);

        var refused = results.Where(result => result.TryGetProperty("retry", out var retry) && retry.GetBoolean())
            .Select(result => result.GetProperty("index").GetInt32()).ToList();
        Assert.Equal(ids.Count, accepted.Count + refused.Count);
        Assert.Equal(0, refused[0]);
        using var again = await Post(string.Join("\n", refused.Select(Line)), "application/x-ndjson");
        var later = Results(await again.Content.ReadFromJsonAsync<JsonElement>()).Select(OffsetOf).ToList();
        Assert.Equal(refused.Count, later.Count);
        Assert.Equal(later.Order(), later);
        Assert.True(later[0] > accepted[^1], $"Sent again at {later[0]}, while {accepted[^1]} was acknowledged before.");
    }

    private static long OffsetOf(JsonElement result) => result.GetProperty("offset").GetInt64();

    private static List<JsonElement> Results(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray()];

    private Task<HttpResponseMessage> Post(string body, string type) => producer.Client.PostAsync(
        new Uri("/api/logs", UriKind.Relative), new StringContent(body, Encoding.UTF8, type));
}
