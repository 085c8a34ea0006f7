using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LogPartitioning.Tests.Producer.Delivery;

/// <summary>By itself: it takes the brokers away.</summary>
[Trait("Category", "Slow")]
public sealed class BrokersDownTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private static readonly int[] Brokers = [1, 2, 3];

    [Fact]
    public async Task Without_brokers_the_answer_is_503_with_the_ids_and_with_them_the_same_events_are_accepted()
    {
        Assert.All(Brokers, producer.Cluster.SetBrokerDown);
        using var one = await Post("""{"source":"a","message":"m"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, one.StatusCode);
        Assert.NotNull(one.Headers.RetryAfter);
        Assert.True((await one.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").TryGetGuid(out var id));

        using var many = await Post("""[{"source":"a","message":"1"},{},{"source":"b","message":"2"}]""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, many.StatusCode);
        var results = (await many.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([true, false, true], results.Select(result => result.TryGetProperty("retry", out var retry) && retry.GetBoolean()));
        Assert.Equal([true, false, true], results.Select(result => result.TryGetProperty("id", out _)));

        Assert.All(Brokers, producer.Cluster.SetBrokerUp);
        using var again = await Post($$"""{"id":"{{id}}","source":"a","message":"m"}""");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    private Task<HttpResponseMessage> Post(string body) => producer.Client.PostAsync(
        new Uri("/api/logs", UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
}
