using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace LogPartitioning.Tests.Producer.Delivery;

/// <summary>What brokers refuse, and what is answered. By itself: it lets requests fail that would be another test's.</summary>
[Trait("Category", "Slow")]
public sealed class RefusedRecordsTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private const string Id = "0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21";

    /// <summary>An answer says when to try again only where that can help.</summary>
    [Theory]
    [InlineData(ErrorCode.MsgSizeTooLarge, HttpStatusCode.RequestEntityTooLarge, 2)]
    [InlineData(ErrorCode.InvalidRecord, HttpStatusCode.InternalServerError, 1)]
    [InlineData(ErrorCode.PolicyViolation, HttpStatusCode.InternalServerError, 1)]
    [InlineData(ErrorCode.Unknown, HttpStatusCode.ServiceUnavailable, 1)]
    public async Task A_refused_event_is_answered_by_what_would_help(ErrorCode error, HttpStatusCode expected, int times)
    {
        producer.Cluster.FailProduceRequests([.. Enumerable.Repeat(error, times)]);
        using var one = await Post($$"""{"id":"{{Id}}","source":"a","message":"m"}""");
        var problem = await one.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(expected == one.StatusCode, problem.ToString());
        Assert.Equal(Id, problem.GetProperty("id").GetString());
        Assert.Equal(expected == HttpStatusCode.ServiceUnavailable, one.Headers.RetryAfter is not null);

        // Two at once, which share a batch since they wait for each other, and then are too large each by itself.
        await using var patient = await PatientAsync(lingerMs: 100);
        producer.Cluster.FailProduceRequests([.. Enumerable.Repeat(error, error == ErrorCode.MsgSizeTooLarge ? 3 : 1)]);
        using var many = await PostAsync(patient.Client, """[{"source":"a","message":"1"},{"source":"a","message":"2"}]""", "application/json");
        var body = await many.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(expected == HttpStatusCode.RequestEntityTooLarge ? HttpStatusCode.Accepted : expected, many.StatusCode);
        Assert.All(Results(body), result => Assert.Equal(expected == HttpStatusCode.ServiceUnavailable, result.GetProperty("retry").GetBoolean()));
    }

    [Fact]
    public async Task Events_that_are_too_large_only_together_are_accepted_in_their_order()
    {
        var events = string.Join("\n", Enumerable.Range(0, 300).Select(i => $$"""{"source":"together","message":"{{i}}"}"""));
        // Time enough for all of them to share one batch.
        await using var patient = await PatientAsync(lingerMs: 500);
        producer.Cluster.FailProduceRequests(ErrorCode.MsgSizeTooLarge);

        using var answer = await PostAsync(patient.Client, events, "application/x-ndjson");

        var offsets = Results(await answer.Content.ReadFromJsonAsync<JsonElement>()).Select(result => result.GetProperty("offset").GetInt64()).ToList();
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => offsets[0] + i), offsets);
    }

    private static List<JsonElement> Results(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray()];

    private Task<ProducerInProcess> PatientAsync(int lingerMs) =>
        ProducerInProcess.StartAsync(producer.Cluster.BootstrapServers, checksTopics: false, ("Producer:LingerMs", lingerMs.ToString(CultureInfo.InvariantCulture)));

    private Task<HttpResponseMessage> Post(string body) => PostAsync(producer.Client, body, "application/json");

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string body, string type) => client.PostAsync(
        new Uri("/api/logs", UriKind.Relative), new StringContent(body, Encoding.UTF8, type));
}
