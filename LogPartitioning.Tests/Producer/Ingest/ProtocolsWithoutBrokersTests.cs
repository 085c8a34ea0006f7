using System.Net;
using LogPartitioning.Tests.Producer.Ingest.Loki;

namespace LogPartitioning.Tests.Producer.Ingest;

/// <summary>By itself: it takes the brokers away. What is not acknowledged must come again, and each protocol has its own way to say so.</summary>
[Trait("Category", "Slow")]
public sealed class ProtocolsWithoutBrokersTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private static readonly int[] s_brokers = [1, 2, 3];

    [Fact]
    public async Task Without_brokers_every_client_is_told_to_come_again()
    {
        Assert.All(s_brokers, producer.Cluster.SetBrokerDown);
        var now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        var answers = await Task.WhenAll(
            PostAsync("/ingest/clef", "application/vnd.serilog.clef", "{\"@m\":\"m\"}\nbroken"u8.ToArray()),
            PostAsync("/loki/api/v1/push", "application/x-protobuf", PushBytes.Of(("{app=\"a\"}", [new(now, "m"), new(0, "old")]))),
            PostAsync("/elasticsearch/_bulk", "application/x-ndjson", "{\"create\":{\"_index\":\"i\"}}\n{\"message\":\"m\"}\n{\"delete\":{\"_id\":\"1\"}}\n"u8.ToArray()));

        Assert.All(answers.Take(2), answer => Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (answer.Status, answer.MayComeAgain)));
        Assert.StartsWith("{\"Error\":", answers[0].Body, StringComparison.Ordinal);
        Assert.EndsWith(" Send the push again: each entry is stored once.\n", answers[1].Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, answers[2].Status);
        Assert.Contains("\"status\":429,\"error\":{\"type\":\"es_rejected_execution_exception\"", answers[2].Body, StringComparison.Ordinal);
        Assert.Contains("\"status\":400,\"error\":{\"type\":\"action_request_validation_exception\"", answers[2].Body, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, bool MayComeAgain, string Body)> PostAsync(string path, string type, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
        using var response = await producer.Client.PostAsync(path, content);
        return (response.StatusCode, response.Headers.RetryAfter is not null, await response.Content.ReadAsStringAsync());
    }
}
