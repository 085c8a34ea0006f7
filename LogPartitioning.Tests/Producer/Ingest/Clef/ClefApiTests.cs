using System.ComponentModel.DataAnnotations;
using System.IO.Compression;
using System.Net;
using System.Text;
using LogPartitioning.Producer.Ingest.Clef;

namespace LogPartitioning.Tests.Producer.Ingest.Clef;

public sealed class ClefApiTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private const string Type = "application/vnd.serilog.clef";

    [Theory]
    [InlineData("/ingest/clef")]
    [InlineData("/api/events/raw?clef")]
    [InlineData("/api/events/raw?clef&apiKey=")]
    public async Task Events_are_answered_as_Seq_answers_them(string path)
    {
        var (status, type, body) = await PostAsync(path, Type, "{\"@t\":\"2026-11-22T07:00:00Z\",\"@m\":\"m\"}\nbroken\n"u8.ToArray());
        Assert.Equal((HttpStatusCode.Created, "application/json", """{"MinimumLevelAccepted":null}"""), (status, type, body));
    }

    [Fact]
    public async Task An_empty_body_asks_for_the_level() => Assert.Equal(HttpStatusCode.Created, (await PostAsync("/ingest/clef", Type, [])).Status);

    [Fact]
    public async Task The_older_form_is_taken() =>
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/api/events/raw", "application/json", """{"Events":[{"Timestamp":"2026-11-22T07:00:00Z","MessageTemplate":"m"}]}"""u8.ToArray())).Status);

    [Fact]
    public async Task A_packed_body_is_taken()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes("{\"@m\":\"m\"}"));
        }

        Assert.Equal(HttpStatusCode.Created, (await PostAsync("/ingest/clef", Type, packed.ToArray(), "gzip")).Status);
    }

    [Fact]
    public async Task A_body_that_unpacks_to_more_than_a_body_may_have_is_413()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            var blank = new byte[1024 * 1024];
            for (var i = 0; i < 1024; i++)
            {
                gzip.Write(blank);
            }
        }

        Assert.InRange(packed.Length, 1, 2 * 1024 * 1024);
        var (status, _, body) = await PostAsync("/ingest/clef", Type, packed.ToArray(), "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("\"Error\":\"The body must have at most 16777216 bytes.", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ingest/clef", "image/png", "x", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/api/events/raw", "application/json", "{", HttpStatusCode.BadRequest)]
    public async Task What_is_refused_is_told_as_Seq_tells_it(string path, string type, string body, HttpStatusCode expected)
    {
        var (status, answered, answer) = await PostAsync(path, type, Encoding.UTF8.GetBytes(body));
        Assert.Equal((expected, "application/json"), (status, answered));
        Assert.StartsWith("{\"Error\":\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_level_of_the_settings_is_answered()
    {
        await using var other = await ProducerInProcess.StartAsync(producer.Cluster.BootstrapServers, checksTopics: false, ("Producer:Clef:MinimumLevelAccepted", "Warning"));
        using var response = await other.Client.PostAsync("/ingest/clef", new ByteArrayContent("{\"@m\":\"m\"}"u8.ToArray()) { Headers = { ContentType = new(Type) } });
        Assert.Equal("""{"MinimumLevelAccepted":"Warning"}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("", "", 1)]
    [InlineData("Application", "Warn", 1)]
    [InlineData(" ", "all", 2)]
    [InlineData("Machine", "Fatal", 0)]
    public void Settings_are_checked(string property, string level, int problems)
    {
        var options = new ClefOptions { SourceProperty = property, MinimumLevelAccepted = level };
        Assert.Equal(problems, options.Validate(new ValidationContext(options)).Count());
    }

    private async Task<(HttpStatusCode Status, string? Type, string Body)> PostAsync(string path, string type, byte[] body, string? encoding = null)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var response = await producer.Client.PostAsync(path, content);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync());
    }
}
