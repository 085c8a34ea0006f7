using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace LogPartitioning.Tests.Producer.Ingest.Elasticsearch;

public sealed class ElasticsearchApiTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    [Theory]
    [InlineData("POST", "/elasticsearch/_bulk?refresh=true")]
    [InlineData("PUT", "/elasticsearch/logs/_bulk")]
    public async Task Each_action_has_its_outcome(string method, string path)
    {
        var now = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);
        var (status, headers, body) = await SendAsync(method, path, $$$$"""
            {"create":{"_index":"logs"}}
            {"@timestamp":"{{{{now}}}}","message":"1"}
            {"index":{"_index":"logs","_id":"7"}}
            {"message":"2"}
            {"delete":{"_index":"logs","_id":"7"}}
            {"create":{"_index":"logs"}}
            {"@timestamp":"2001-01-01T00:00:00Z","message":"3"}

            """);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("Elasticsearch", Assert.Single(headers.GetValues("X-Elastic-Product")));
        Assert.True(body["errors"]!.GetValue<bool>());
        var items = body["items"]!.AsArray().Select(item => item!.AsObject().Single()).ToList();
        Assert.Equal(["create", "index", "delete", "create"], items.Select(item => item.Key));
        Assert.Equal([201, 201, 400, 400], items.Select(item => item.Value!["status"]!.GetValue<int>()));
        Assert.Equal(["created", "created", null, null], items.Select(item => item.Value!["result"]?.GetValue<string>()));
        Assert.Equal([null, null, "action_request_validation_exception", "document_parsing_exception"], items.Select(item => item.Value!["error"]?["type"]!.GetValue<string>()));
        Assert.Equal("7", items[1].Value!["_id"]!.GetValue<string>());
        Assert.True(Guid.TryParse(items[0].Value!["_id"]!.GetValue<string>(), out _));
        Assert.All(items, item => Assert.Equal("logs", item.Value!["_index"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Where_all_are_taken_there_are_no_errors()
    {
        var (status, _, body) = await SendAsync("POST", "/elasticsearch/logs/_bulk", "{\"create\":{}}\n{\"message\":\"1\"}");
        Assert.Equal((HttpStatusCode.OK, false), (status, body["errors"]!.GetValue<bool>()));
    }

    [Theory]
    [InlineData("application/x-ndjson", "nonsense\n", HttpStatusCode.BadRequest, "illegal_argument_exception")]
    [InlineData("image/png", "{}", HttpStatusCode.UnsupportedMediaType, "media_type_header_exception")]
    public async Task What_is_refused_is_told_as_Elasticsearch_tells_it(string type, string content, HttpStatusCode expected, string error)
    {
        var (status, headers, body) = await SendAsync("POST", "/elasticsearch/_bulk", content, type);
        Assert.Equal(expected, status);
        Assert.Equal("Elasticsearch", Assert.Single(headers.GetValues("X-Elastic-Product")));
        Assert.Equal(((int)expected, error), (body["status"]!.GetValue<int>(), body["error"]!["type"]!.GetValue<string>()));
        Assert.NotEmpty(body["error"]!["root_cause"]![0]!["reason"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("GET", "/elasticsearch")]
    [InlineData("GET", "/elasticsearch/")]
    [InlineData("HEAD", "/elasticsearch/")]
    [InlineData("GET", "/elasticsearch/_license")]
    [InlineData("GET", "/elasticsearch/_xpack")]
    [InlineData("GET", "/elasticsearch/_cluster/health")]
    [InlineData("GET", "/elasticsearch/_index_template/filebeat-8")]
    [InlineData("HEAD", "/elasticsearch/_index_template/filebeat-8")]
    [InlineData("PUT", "/elasticsearch/_index_template/filebeat-8")]
    [InlineData("HEAD", "/elasticsearch/_template/logs")]
    [InlineData("PUT", "/elasticsearch/_ilm/policy/filebeat")]
    [InlineData("GET", "/elasticsearch/_ingest/pipeline/filebeat-8-apache")]
    [InlineData("HEAD", "/elasticsearch/logs-2026")]
    [InlineData("PUT", "/elasticsearch/logs-2026")]
    [InlineData("POST", "/elasticsearch/logs-2026/_refresh")]
    public async Task Clients_may_go_on_with_what_they_ask_first(string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        request.Headers.Accept.ParseAdd("application/vnd.elasticsearch+json; compatible-with=8");
        using var response = await producer.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Elasticsearch", Assert.Single(response.Headers.GetValues("X-Elastic-Product")));
        Assert.Equal("application/vnd.elasticsearch+json;compatible-with=8", response.Content.Headers.ContentType?.ToString().Replace(" ", "", StringComparison.Ordinal));
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(method == "HEAD", body.Length == 0);
        if (path.TrimEnd('/') == "/elasticsearch" && method == "GET")
        {
            var who = JsonNode.Parse(body)!;
            Assert.StartsWith("8.", who["version"]!["number"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.StartsWith("LogPartitioning", who["tagline"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    private async Task<(HttpStatusCode Status, HttpResponseHeaders Headers, JsonNode Body)> SendAsync(string method, string path, string body, string type = "application/x-ndjson")
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new(type) } } };
        using var response = await producer.Client.SendAsync(request);
        return (response.StatusCode, response.Headers, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
