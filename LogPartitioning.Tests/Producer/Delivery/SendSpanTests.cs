using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Tests.Producer.Delivery;

public sealed class SendSpanTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    [Fact]
    public async Task A_request_has_one_span_for_what_it_sends_and_every_record_names_it()
    {
        using var spans = new Spans("Microsoft.AspNetCore", SendSpan.SourceName);
        var client = Spans.NewContext();

        var (status, body) = await Post("""[{"source":"a","message":"1"},{"source":"b","message":"2"},{"source":"a","message":"3"}]""", client);

        Assert.Equal(HttpStatusCode.Accepted, status);
        var span = Assert.Single(spans.Ended, span => span.TraceId == client.TraceId && span.Kind == ActivityKind.Producer);
        Assert.Equal("send log-events", span.DisplayName);
        Assert.Equal(
            ["kafka", "send", "send", "log-events", 3],
            Spans.MessagingOf(span));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);

        var places = body.GetProperty("results").EnumerateArray()
            .Select(result => new TopicPartitionOffset("log-events", result.GetProperty("partition").GetInt32(), result.GetProperty("offset").GetInt64()))
            .ToList();
        Assert.Equal(
            places.GroupBy(place => place.Partition.Value).OrderBy(partition => partition.Key)
                .Select(partition => $"{partition.Key}:{partition.Min(place => place.Offset.Value)}-{partition.Max(place => place.Offset.Value)}"),
            (string[])span.GetTagItem("logpartitioning.offsets")!);
        Assert.All(places, place => Assert.Equal(span.Id, TraceParentAt(place)));
    }

    [Fact]
    public async Task One_partition_has_its_own_tag()
    {
        using var spans = new Spans("Microsoft.AspNetCore", SendSpan.SourceName);
        var client = Spans.NewContext();

        var (_, body) = await Post("""{"source":"alone","message":"1"}""", client);

        var span = Assert.Single(spans.Ended, span => span.TraceId == client.TraceId && span.Kind == ActivityKind.Producer);
        Assert.Equal(body.GetProperty("partition").GetRawText(), span.GetTagItem("messaging.destination.partition.id"));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Post(string json, ActivityContext client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/logs") { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", Spans.TraceParentOf(client));
        using var response = await producer.Client.SendAsync(request);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    private string TraceParentAt(TopicPartitionOffset place)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = producer.Cluster.BootstrapServers, GroupId = "reader" }).Build();
        consumer.Assign(place);
        var record = consumer.Consume(TimeSpan.FromSeconds(30));
        Assert.NotNull(record);
        return Encoding.ASCII.GetString(record.Message.Headers.GetLastBytes("traceparent"));
    }
}
