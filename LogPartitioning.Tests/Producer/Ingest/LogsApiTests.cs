using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Tests.Producer.Ingest;

public sealed class LogsApiTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private const string Id = "0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21";

    [Fact]
    public async Task One_event_is_answered_with_its_place()
    {
        var (status, body) = await Post($$"""{"id":"{{Id}}","source":"checkout-7","level":"info","message":"m"}""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(Id, body.GetProperty("id").GetString());
        Assert.Equal("checkout-7", body.GetProperty("source").GetString());
        Assert.Equal("checkout-7", body.GetProperty("key").GetString());
        Assert.Equal(KeyPartitioner.PartitionOf("checkout-7", 12), body.GetProperty("partition").GetInt32());
        Assert.True(body.GetProperty("offset").GetInt64() >= 0);
    }

    [Fact]
    public async Task The_good_events_beside_bad_ones_are_accepted_in_their_order()
    {
        var (status, body) = await Post("""[{"source":"s","message":"1"},{"source":"s"},{"source":"s","message":"2"}]""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((2, 1), (body.GetProperty("accepted").GetInt32(), body.GetProperty("rejected").GetInt32()));
        var results = body.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["accepted", "rejected", "accepted"], results.Select(result => result.GetProperty("status").GetString()));
        Assert.Equal([0, 1, 2], results.Select(result => result.GetProperty("index").GetInt32()));
        Assert.Equal("message is required", results[1].GetProperty("error").GetString());
        Assert.Equal(results[0].GetProperty("offset").GetInt64() + 1, results[2].GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task An_event_of_long_ago_or_of_a_time_to_come_is_refused_beside_others_that_are_taken()
    {
        var now = DateTimeOffset.UtcNow;
        // As near to the ends as the clock of a slow machine allows.
        var (near, oldest, latest) = (TimeSpan.FromMinutes(5), now.AddDays(-30), now.AddDays(1));
        var times = new[] { oldest - near, oldest + near, latest - near, latest + near, DateTimeOffset.MaxValue.AddDays(-1) };
        var (status, body) = await Post($"[{string.Join(',', times.Select(time => $$"""{"source":"s","message":"m","timestamp":"{{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}}"}"""))}]");
        Assert.Equal(HttpStatusCode.Accepted, status);
        var results = body.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["rejected", "accepted", "accepted", "rejected", "rejected"], results.Select(result => result.GetProperty("status").GetString()));
        Assert.Equal((2, 3), (body.GetProperty("accepted").GetInt32(), body.GetProperty("rejected").GetInt32()));
        Assert.Contains("timestamp must be between", results[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("older events would be dropped at once (Store:RetentionDays)", results[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("it lies too far ahead of the clock (Store:MaxTimestampLead)", results[3].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_lines_are_taken_each_source_in_order()
    {
        var lines = string.Join("\n", Enumerable.Range(0, 10_000).Select(i => $$"""{"source":"line-{{i % 8}}","message":"{{i}}"}"""));
        var (status, body) = await Post(lines, "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(10_000, body.GetProperty("accepted").GetInt32());
        foreach (var source in body.GetProperty("results").EnumerateArray().GroupBy(result => result.GetProperty("index").GetInt32() % 8))
        {
            Assert.Single(source.Select(result => result.GetProperty("partition").GetInt32()).Distinct());
            var offsets = source.Select(result => result.GetProperty("offset").GetInt64()).ToList();
            Assert.Equal(offsets.Order(), offsets);
        }
    }

    [Fact]
    public async Task When_every_event_breaks_a_rule_the_outcomes_say_so()
    {
        var (status, body) = await Post("[{},7]");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((0, 2), (body.GetProperty("accepted").GetInt32(), body.GetProperty("rejected").GetInt32()));
    }

    [Fact]
    public async Task One_bad_event_is_400_with_every_field_and_rule()
    {
        var (status, body) = await Post("""{"source":"","message":1}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["source", "message"], body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Contains("source must have 1 to 255 characters", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("a", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_that_cannot_be_read_is_a_problem(string body, string type, HttpStatusCode expected)
    {
        var (status, problem) = await Post(body, type);
        Assert.Equal(expected, status);
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_whether_announced_or_not()
    {
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/logs")
            {
                Content = new ByteArrayContent(new byte[(16 * 1024 * 1024) + 1]) { Headers = { ContentType = new("application/json") } },
            };
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = !chunked;
            using var response = await producer.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
    }

    [Fact]
    public async Task Mapping_answers_for_a_source_never_seen_and_for_a_split_one()
    {
        var mapping = await producer.Client.GetFromJsonAsync<JsonElement>("/api/logs/partition-mapping?source=never%20seen&source=configured");
        Assert.Equal(12, mapping.GetProperty("partitions").GetInt32());
        var sources = mapping.GetProperty("sources").EnumerateArray().ToList();
        Assert.Equal(["never seen", "configured"], sources.Select(source => source.GetProperty("source").GetString()));
        Assert.Equal(KeyPartitioner.PartitionOf("never seen", 12), sources[0].GetProperty("keys")[0].GetProperty("partition").GetInt32());
        Assert.Equal(0, sources[0].GetProperty("events").GetInt64());
        Assert.Equal(
            ["configured-1", "configured-2", "configured-3"],
            sources[1].GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("key").GetString()));
        Assert.Equal(12, mapping.GetProperty("load").GetArrayLength());
    }

    [Fact]
    public async Task A_split_source_spreads_over_its_keys()
    {
        // More than the other tests send to a partition: the next event goes to the key whose partition has the least.
        var (_, body) = await Post($"[{string.Join(",", Enumerable.Repeat("""{"source":"configured","message":"m"}""", 10_000))}]");
        var partitions = body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("partition").GetInt32()).ToHashSet();
        Assert.Equal(SourceSplits.KeysOf("configured", 3, 12).Select(key => key.Partition).ToHashSet(), partitions);
    }

    [Theory]
    [InlineData("a", "{\"keys\":1}", HttpStatusCode.BadRequest)]
    [InlineData("a", "{\"keys\":13}", HttpStatusCode.BadRequest)]
    [InlineData("a", "{\"keys\":\"4\"}", HttpStatusCode.BadRequest)]
    [InlineData("a", "{}", HttpStatusCode.BadRequest)]
    [InlineData("a", "[]", HttpStatusCode.BadRequest)]
    [InlineData("a", "{", HttpStatusCode.BadRequest)]
    [InlineData("a%01", "{\"keys\":4}", HttpStatusCode.BadRequest)]
    [InlineData("a", "{\"keys\":4}", HttpStatusCode.ServiceUnavailable)]
    public async Task A_split_that_cannot_be_is_refused_and_one_that_cannot_be_stored_is_503(string source, string body, HttpStatusCode expected)
    {
        using var content = Content(body, "application/json");
        using var response = await producer.Client.PutAsync(new Uri($"/api/logs/partition-mapping/{source}", UriKind.Relative), content);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.ServiceUnavailable, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task Metrics_have_their_documented_names()
    {
        await Post("""{"source":"metrics","message":"m"}""");
        await Post("{}");
        var text = await producer.Client.GetStringAsync("/metrics");
        Assert.Contains($"log_events_produced_total{{partition=\"{KeyPartitioner.PartitionOf("metrics", 12)}\"}}", text, StringComparison.Ordinal);
        Assert.Contains("log_events_rejected_total{reason=\"invalid\"}", text, StringComparison.Ordinal);
        Assert.Contains("log_producer_ack_seconds_bucket{le=\"0.0005\"}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_database_degrades_but_does_not_stop_the_producer()
    {
        var health = await producer.Client.GetFromJsonAsync<JsonElement>("/health");
        Assert.Equal("Degraded", health.GetProperty("status").GetString());
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty("brokers").GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_openapi_document_shows_every_route_with_examples()
    {
        var document = await producer.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var paths = document.GetProperty("paths");
        Assert.True(paths.GetProperty("/api/logs").GetProperty("post").GetProperty("requestBody").GetProperty("content")
            .GetProperty("application/x-ndjson").TryGetProperty("example", out _));
        Assert.True(paths.GetProperty("/api/logs/partition-mapping").TryGetProperty("get", out _));
        Assert.True(paths.GetProperty("/api/logs/partition-mapping/{source}").TryGetProperty("put", out _));
        Assert.True(paths.GetProperty("/api/logs/partition-mapping/{source}").TryGetProperty("delete", out _));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Post(string body, string type = "application/json")
    {
        using var content = Content(body, type);
        using var response = await producer.Client.PostAsync(new Uri("/api/logs", UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static StringContent Content(string body, string type) => new(body, System.Text.Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
}
