using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.Tests.Gateway;

public sealed class GatewayAloneTests
{
    private static readonly CancellationToken s_deadline = CancellationToken.None;

    private static async Task<JsonObject> JsonOf(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(s_deadline))!.AsObject();

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    [Fact]
    public async Task It_starts_without_anything_behind_it_and_says_what_is_missing()
    {
        await using var gateway = await GatewayAlone.StartAsync();

        var health = await gateway.Client.GetAsync("/health", s_deadline);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        var checks = (await JsonOf(health))["checks"]!;
        Assert.Equal("Degraded", checks["logs"]!["status"]!.GetValue<string>());
        Assert.Equal("Degraded", checks["redis"]!["status"]!.GetValue<string>());

        var alive = await gateway.Client.GetAsync("/alive", s_deadline);
        Assert.Equal("Healthy", (await JsonOf(alive))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_producer_sees_the_gateways_span_in_the_clients_trace()
    {
        using var spans = new Spans("Microsoft.AspNetCore", "System.Net.Http");
        string?[] seen = [];
        await using var gateway = await GatewayAlone.StartAsync(producer => producer.MapPost("/api/logs", (HttpRequest request) =>
        {
            seen = [.. request.Headers.TraceParent];
            return Results.Accepted();
        }));
        var client = Spans.NewContext();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/logs") { Content = Json("{}") };
        request.Headers.Add("traceparent", Spans.TraceParentOf(client));

        using var response = await gateway.Client.SendAsync(request, s_deadline);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.True(ActivityContext.TryParse(Assert.Single(seen), null, out var context));
        Assert.Equal(client.TraceId, context.TraceId);
        Assert.Contains(spans.Ended, span => span.SpanId == context.SpanId && span.Kind == ActivityKind.Client);
    }

    [Theory]
    [InlineData("GET", "/api/consumer/lag")]
    [InlineData("GET", "/api/consumer/partition-distribution")]
    [InlineData("GET", "/api/scaling")]
    [InlineData("GET", "/api/logs")]
    [InlineData("GET", "/api/partition-mapping")]
    [InlineData("POST", "/api/logs")]
    public async Task What_needs_a_part_that_is_away_is_503_with_a_time_to_try_again(string method, string path)
    {
        await using var gateway = await GatewayAlone.StartAsync();
        using var request = new HttpRequestMessage(new(method), path) { Content = method == "POST" ? Json("{}") : null };

        var response = await gateway.Client.SendAsync(request, s_deadline);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.NotEmpty((await JsonOf(response))["detail"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/api/consumer/assigned-partitions")]
    [InlineData("/api/consumer/rebalances")]
    [InlineData("/api/consumer/health")]
    public async Task Live_views_answer_without_Redis_and_say_so(string path)
    {
        await using var gateway = await GatewayAlone.StartAsync();

        var response = await gateway.Client.GetAsync(path, s_deadline);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False((await JsonOf(response))["live"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_post_goes_through_once_as_it_is_and_its_answer_comes_back_as_it_is()
    {
        var seen = new List<string>();
        await using var gateway = await GatewayAlone.StartAsync(producer => producer.MapPost("/api/logs", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            seen.Add($"{context.Request.ContentType}|{context.Request.QueryString}|{await reader.ReadToEndAsync(context.RequestAborted)}");
            context.Response.Headers.RetryAfter = "7";
            return Results.Json(new { reason = "full" }, statusCode: 503);
        }));

        var response = await gateway.Client.PostAsync("/api/logs", new StringContent("{}\n{}\n", MediaTypeHeaderValue.Parse("application/x-ndjson")), s_deadline);

        Assert.Equal(["application/x-ndjson||{}\n{}\n"], seen);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "7"), (response.StatusCode, response.Headers.RetryAfter!.ToString()));
        Assert.Equal("full", (await JsonOf(response))["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_body_streams_through_before_it_is_whole()
    {
        var firstLine = new TaskCompletionSource<string?>();
        await using var gateway = await GatewayAlone.StartAsync(producer => producer.MapPost("/api/logs", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            firstLine.SetResult(await reader.ReadLineAsync(context.RequestAborted));
            await reader.ReadToEndAsync(context.RequestAborted);
            return Results.Accepted();
        }));
        // More than the buffers on the way hold, and then nothing until the producer has seen its beginning.
        var rest = new TaskCompletionSource();

        var posting = gateway.Client.PostAsync("/api/logs", new SlowContent("first\n" + new string('x', 256 * 1024), rest.Task), s_deadline);
        Assert.Equal("first", await firstLine.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        rest.SetResult();

        Assert.Equal(HttpStatusCode.Accepted, (await posting).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_413_whether_its_length_is_told_or_not(bool chunked)
    {
        await using var gateway = await GatewayAlone.StartAsync(
            producer => producer.MapPost("/api/logs", async (HttpContext context) =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                return Results.Accepted();
            }),
            ("Gateway:MaxBodyBytes", "1024"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/logs") { Content = new ByteArrayContent(new byte[5000]) };
        request.Headers.TransferEncodingChunked = chunked;

        var response = await gateway.Client.SendAsync(request, s_deadline);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("1024 bytes", (await JsonOf(response))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a%2Fb%20c")]
    [InlineData("plain")]
    [InlineData("100%25")]
    [InlineData("%C3%A4")]
    public async Task A_source_in_the_path_reaches_the_producer_as_it_was_written(string source)
    {
        string? target = null;
        await using var gateway = await GatewayAlone.StartAsync(producer => producer.MapFallback((HttpContext context) =>
        {
            target = $"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}";
            return Results.NoContent();
        }));

        var response = await gateway.Client.DeleteAsync(new Uri($"/api/partition-mapping/{source}", UriKind.Relative), s_deadline);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal($"DELETE /api/logs/partition-mapping?source={source}", target);
    }

    [Fact]
    public async Task A_mapping_that_the_producer_refuses_is_refused_in_its_words()
    {
        await using var gateway = await GatewayAlone.StartAsync(producer => producer.MapGet(
            "/api/logs/partition-mapping", () => Results.Problem(statusCode: 400, detail: "source must have 1 to 255 characters")));

        var response = await gateway.Client.GetAsync("/api/partition-mapping?source=", s_deadline);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("source must have 1 to 255 characters", (await JsonOf(response))["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task One_address_gets_its_rate_and_no_more_and_probes_are_exempt()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, ("Gateway:RequestsPerSecond", "1"), ("Gateway:Burst", "2"));

        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage last = null!;
        for (var i = 0; i < 3; i++)
        {
            last = await gateway.Client.GetAsync("/api/scaling/history", s_deadline);
            statuses.Add(last.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
        Assert.NotNull(last.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.GetAsync("/alive", s_deadline)).StatusCode);
    }

    [Fact]
    public async Task The_OpenAPI_document_describes_every_route_with_an_example()
    {
        await using var gateway = await GatewayAlone.StartAsync();

        var document = await JsonOf(await gateway.Client.GetAsync("/openapi/v1.json", s_deadline));

        string[] expected =
        [
            "/api/logs", "/api/partition-mapping", "/api/consumer/lag", "/api/consumer/health", "/api/consumer/partition-distribution",
            "/api/consumer/assigned-partitions", "/api/consumer/rebalances", "/api/scaling", "/api/scaling/history",
        ];
        var paths = document["paths"]!.AsObject();
        foreach (var path in expected)
        {
            var get = paths[path]?["get"];
            Assert.True(get is not null, $"{path} is not described; there are {string.Join(", ", paths.Select(entry => entry.Key))}");
            Assert.NotNull(get["summary"]);
            Assert.NotNull(get["responses"]!["200"]!["content"]!["application/json"]!["example"]);
        }

        Assert.NotNull(paths["/api/logs"]!["post"]!["requestBody"]!["content"]!["application/x-ndjson"]!["example"]);
    }

    private sealed class SlowContent(string first, Task rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(first));
            await stream.FlushAsync();
            await rest;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
