using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.ServiceDefaults.Access;

/// <summary>Who is let in to what, over HTTP.</summary>
public sealed class AccessTests
{
    private const string ServiceKey = "a-key-that-the-services-show-each-other";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static IEnumerable<KeyValuePair<string, string?>> OneOfEach =>
    [
        .. ProtectedService.Key(0, "writer", "write"),
        .. ProtectedService.Key(1, "reader", "read"),
        .. ProtectedService.Key(2, "operator", "operate"),
        .. ProtectedService.Key(3, "all", "operate", "read", "write"),
        new("ApiKeys:ServiceKey", ServiceKey),
    ];

    [Fact]
    public async Task Each_role_opens_its_endpoints_and_no_others()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);
        (string Method, string Path, string Role)[] endpoints =
        [
            ("POST", "/write", "writer"), ("GET", "/read", "reader"), ("PUT", "/operate/x", "operator"), ("GET", "/metrics", "reader"), ("GET", "/openapi/v1.json", "reader"),
        ];
        foreach (var (method, path, role) in endpoints)
        {
            Assert.Equal(401, await service.StatusAsync(method, path));
            Assert.Equal(401, await service.StatusAsync(method, path, "another-key"));
            foreach (var name in new[] { "writer", "reader", "operator" })
            {
                Assert.Equal((path, name, name == role ? 200 : 403), (path, name, await service.StatusAsync(method, path, ProtectedService.KeyOf(name))));
            }

            Assert.Equal(200, await service.StatusAsync(method, path, ProtectedService.KeyOf("all")));
            Assert.Equal(200, await service.StatusAsync(method, path, ServiceKey));
        }

        Assert.Equal(200, await service.StatusAsync("GET", "/health"));
        Assert.Equal(200, await service.StatusAsync("GET", "/alive", "another-key"));
    }

    /// <summary>A page of another site may have its own name resolve to this machine, and would be this service's own page to the browser.</summary>
    [Theory]
    [InlineData("localhost:8080", 200)]
    [InlineData("LOGS.LOCALHOST", 200)]
    [InlineData("127.0.0.1:8080", 200)]
    [InlineData("[::1]:8080", 200)]
    [InlineData("gateway:8080", 200)]
    [InlineData("host.docker.internal", 200)]
    [InlineData("rebound.example", 401)]
    [InlineData("rebound.example.:8080", 401)]
    [InlineData("localhost.example", 401)]
    [InlineData("127.0.0.1.example", 401)]
    public async Task Without_keys_local_names_alone_are_answered(string host, int status)
    {
        await using var open = await ProtectedService.StartAsync();
        Assert.Equal(status, await StatusAsync(open));
        await using var trusting = await ProtectedService.StartAsync(new KeyValuePair<string, string?>("ApiKeys:TrustedNetwork", "true"));
        Assert.Equal(200, await StatusAsync(trusting));
        await using var keyed = await ProtectedService.StartAsync(OneOfEach);
        Assert.Equal(200, await StatusAsync(keyed, ProtectedService.KeyOf("reader")));

        async Task<int> StatusAsync(ProtectedService service, string? key = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/read") { Headers = { Host = host } };
            if (key is not null)
            {
                request.Headers.Add("X-Api-Key", key);
            }

            using var answer = await service.Client.SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task Paths_that_do_not_exist_are_told_to_keys_alone_and_an_endpoint_without_a_role_stays_shut()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        Assert.Equal(401, await service.StatusAsync("GET", "/nothing"));
        Assert.Equal(404, await service.StatusAsync("GET", "/nothing", ProtectedService.KeyOf("writer")));
        Assert.Equal(401, await service.StatusAsync("DELETE", "/read"));
        Assert.Equal(405, await service.StatusAsync("DELETE", "/read", ProtectedService.KeyOf("writer")));
        Assert.Equal(403, await service.StatusAsync("GET", "/forgotten", ProtectedService.KeyOf("all")));
    }

    [Fact]
    public async Task Without_a_key_the_answer_says_how_to_send_one()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        using var answer = await service.SendAsync("GET", "/read");

        Assert.Equal("Bearer realm=\"LogPartitioning\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("A key is needed.", problem.GetProperty("title").GetString());
        Assert.Equal("No key was sent. Send one as \"Authorization: Bearer <key>\" or \"X-Api-Key: <key>\".", problem.GetProperty("detail").GetString());
        Assert.Equal("/read", problem.GetProperty("instance").GetString());
    }

    [Fact]
    public async Task A_missing_role_is_named()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        using var answer = await service.SendAsync("PUT", "/operate/x", ProtectedService.KeyOf("reader"));

        Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("operate", problem.GetProperty("role").GetString());
        Assert.Equal("This needs the role operate, and the key \"reader\" does not have it.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("Authorization", "Bearer KEY", 200)]
    [InlineData("Authorization", "bearer   KEY", 200)]
    [InlineData("X-Api-Key", "KEY", 200)]
    [InlineData("x-api-key", " KEY ", 200)]
    [InlineData("X-Seq-ApiKey", "KEY", 200)]
    [InlineData("X-Seq-ApiKey", "null", 401)]
    [InlineData("Authorization", "KEY", 401)]
    [InlineData("Authorization", "ApiKey KEY", 200)]
    [InlineData("Authorization", "ApiKey BASE64(an-id:KEY)", 200)]
    [InlineData("Authorization", "apikey KEYx", 401)]
    [InlineData("Authorization", "ApiKey BASE64(KEY)", 401)]
    [InlineData("Authorization", "Basic BASE64(anyone:KEY)", 401)]
    [InlineData("Authorization", "Digest KEY", 401)]
    [InlineData("Authorization", "Bearer", 401)]
    [InlineData("Authorization", "Bearer KEY KEY", 401)]
    [InlineData("X-Api-Key", "", 401)]
    [InlineData("X-Api-Key", "KE", 401)]
    [InlineData("X-Api-Key", "KEYx", 401)]
    [InlineData("Cookie", "X-Api-Key=KEY", 401)]
    public async Task A_key_is_read_from_its_headers(string header, string value, int status)
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        Assert.Equal(status, await StatusAsync(service, HttpMethod.Get, "/read", header, value, "reader"));
    }

    [Theory]
    [InlineData("Authorization", "Basic BASE64(anyone:KEY)", 200)]
    [InlineData("Authorization", "basic BASE64(:KEY)", 200)]
    [InlineData("Authorization", "Basic BASE64(anyone:KEYx)", 401)]
    [InlineData("Authorization", "Basic BASE64(anyone:KEY:)", 401)]
    [InlineData("Authorization", "Basic BASE64(KEY:)", 401)]
    [InlineData("Authorization", "Basic BASE64(KEY)", 401)]
    [InlineData("Authorization", "Basic BASE64(anyone:\u00e9KEY)", 401)]
    [InlineData("Authorization", "Basic KEY", 401)]
    [InlineData("Authorization", "Basic", 401)]
    public async Task As_a_password_a_key_may_send_logs(string header, string value, int status)
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        Assert.Equal(status, await StatusAsync(service, HttpMethod.Post, "/write", header, value, "writer"));
    }

    private static async Task<int> StatusAsync(ProtectedService service, HttpMethod method, string path, string header, string value, string key)
    {
        using var request = new HttpRequestMessage(method, path);
        Assert.True(request.Headers.TryAddWithoutValidation(header, Encoded(value.Replace("KEY", ProtectedService.KeyOf(key), StringComparison.Ordinal))));
        using var answer = await service.Client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    [Fact]
    public async Task A_long_header_is_no_key()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);
        foreach (var scheme in new[] { "Basic", "ApiKey", "Bearer" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/read");
            request.Headers.Authorization = new(scheme, Convert.ToBase64String(Encoding.ASCII.GetBytes($"a:{new string('k', 10_000)}")));
            using var answer = await service.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("api_key")]
    [InlineData("X-Api-Key")]
    [InlineData("access_token")]
    public async Task A_key_in_the_address_is_none(string parameter)
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        Assert.Equal(401, await service.StatusAsync("GET", $"/read?{parameter}={ProtectedService.KeyOf("reader")}"));
    }

    [Fact]
    public async Task Two_headers_that_differ_and_a_header_that_stands_twice_are_refused()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);
        foreach (var headers in new[] { new[] { "X-Api-Key: READER", "Authorization: Bearer ALL" }, ["X-Api-Key: READER", "X-Api-Key: ALL"] })
        {
            var answer = await RawAsync(service.Client.BaseAddress!.Port, [.. headers.Select(line => line
                .Replace("READER", ProtectedService.KeyOf("reader"), StringComparison.Ordinal).Replace("ALL", ProtectedService.KeyOf("all"), StringComparison.Ordinal))]);
            Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        }

        var same = await RawAsync(service.Client.BaseAddress!.Port, [$"X-Api-Key: {ProtectedService.KeyOf("reader")}", $"Authorization: Bearer {ProtectedService.KeyOf("reader")}"]);
        Assert.StartsWith("HTTP/1.1 200 ", same, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_key_shows_in_a_log_whether_it_is_right_or_wrong()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);
        foreach (var key in new[] { ProtectedService.KeyOf("reader"), ProtectedService.KeyOf("operator"), ProtectedService.KeyOf("unknown"), ServiceKey })
        {
            await service.StatusAsync("GET", "/read", key);
            await service.StatusAsync("PUT", "/operate/broken", key);
        }

        var password = Encoded($"BASE64(me:{ProtectedService.KeyOf("operator")})");
        foreach (var scheme in new[] { "Basic", "ApiKey" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/operate/broken");
            request.Headers.Authorization = new(scheme, password);
            using var answer = await service.Client.SendAsync(request);
            Assert.Equal(scheme == "Basic", answer.StatusCode == HttpStatusCode.Unauthorized);
        }

        Assert.NotEmpty(service.Log);
        Assert.DoesNotContain(service.Log, line => new[] { "secret", ServiceKey, password }.Any(shown => line.Text.Contains(shown, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_keys_everybody_on_this_machine_may_do_everything()
    {
        await using var service = await ProtectedService.StartAsync(new KeyValuePair<string, string?>("ApiKeys:ServiceKey", ServiceKey));

        Assert.Equal(200, await service.StatusAsync("POST", "/write"));
        Assert.Equal(200, await service.StatusAsync("PUT", "/operate/x"));
        Assert.Equal(200, await service.StatusAsync("GET", "/metrics", "whatever"));
        Assert.Equal(404, await service.StatusAsync("GET", "/nothing"));
    }

    [Fact]
    public async Task Without_keys_a_service_does_not_listen_beyond_loopback()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ProtectedService.StartOnAsync("http://0.0.0.0:0"));

        Assert.Equal(
            "It listens on http://0.0.0.0:0, which others can reach, and ApiKeys names no key. Name keys, listen on loopback alone, or set ApiKeys:TrustedNetwork to true if everybody who reaches it may do everything.",
            Assert.Single(refused.Failures));
    }

    [Fact]
    public async Task Beyond_loopback_a_trusted_network_is_open_and_keys_are_asked_for()
    {
        await using (var trusted = await ProtectedService.StartOnAsync("http://0.0.0.0:0", new KeyValuePair<string, string?>("ApiKeys:TrustedNetwork", "true")))
        {
            using var client = new HttpClient();
            Assert.Equal("read", await client.GetStringAsync($"http://{OwnAddress()}:{trusted.Client.BaseAddress!.Port}/read"));
        }

        await using var keys = await ProtectedService.StartOnAsync("http://0.0.0.0:0", [.. OneOfEach, new("ApiKeys:TrustedNetwork", "true")]);
        using var stranger = new HttpClient();
        using var answer = await stranger.GetAsync(new Uri($"http://127.0.0.1:{keys.Client.BaseAddress!.Port}/read"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_file_of_keys_is_read_again_while_the_service_runs()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("keys.json");
        await File.WriteAllTextAsync(file, ProtectedService.FileOf("first"));
        await using var service = await ProtectedService.StartAsync(new KeyValuePair<string, string?>("ApiKeys:File", file));
        Assert.Equal(200, await service.StatusAsync("GET", "/read", ProtectedService.KeyOf("first")));
        Assert.Equal(401, await service.StatusAsync("GET", "/read", ProtectedService.KeyOf("second")));

        // As an editor and a mounted secret change a file: another one in its place.
        await File.WriteAllTextAsync(file + ".new", ProtectedService.FileOf("second"));
        File.Move(file + ".new", file, overwrite: true);
        await Eventually.SeesAsync("the second key", _ => service.StatusAsync("GET", "/read", ProtectedService.KeyOf("second")), status => status == 200, s_patience);
        Assert.Equal(401, await service.StatusAsync("GET", "/read", ProtectedService.KeyOf("first")));

        // What cannot be used changes nothing, and is told once.
        await File.WriteAllTextAsync(file, "{ \"keys\": [] }");
        await Eventually.TrueAsync("a line about the file", () => service.Log.Any(line => line.Id == 7012), s_patience);
        Assert.Equal(200, await service.StatusAsync("GET", "/read", ProtectedService.KeyOf("second")));
        Assert.Equal(401, await service.StatusAsync("GET", "/read"));
        File.Delete(file);
        await Eventually.TrueAsync("a line about the file that is gone", () => service.Log.Count(line => line.Id == 7012) == 2, s_patience);
        Assert.Equal(401, await service.StatusAsync("GET", "/read"));
        Assert.All(service.Log.Where(line => line.Id == 7012), line => Assert.Equal(LogLevel.Error, line.Level));
    }

    [Fact]
    public async Task A_key_sends_as_many_requests_a_second_as_it_may_and_others_are_not_held_up()
    {
        await using var service = await ProtectedService.StartAsync([.. OneOfEach, new("ApiKeys:Keys:1:RequestsPerSecond", "3")]);
        var statuses = new List<int>();
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 20 && refused is null; i++)
        {
            var answer = await service.SendAsync("GET", "/read", ProtectedService.KeyOf("reader"));
            statuses.Add((int)answer.StatusCode);
            refused = answer.StatusCode == HttpStatusCode.TooManyRequests ? answer : null;
        }

        Assert.True(statuses.Count(status => status == 200) >= 3, string.Join(' ', statuses));
        Assert.NotNull(refused);
        using (refused)
        {
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
            Assert.Equal("The key \"reader\" may send 3 requests a second.", JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("detail").GetString());
        }

        Assert.Equal(200, await service.StatusAsync("GET", "/read", ProtectedService.KeyOf("all")));
        await Eventually.SeesAsync("the key let in again", _ => service.StatusAsync("GET", "/read", ProtectedService.KeyOf("reader")), status => status == 200, s_patience);
    }

    [Fact]
    public async Task Each_operators_command_is_on_record_also_one_that_was_refused()
    {
        await using var service = await ProtectedService.StartAsync(OneOfEach);

        await service.StatusAsync("PUT", "/operate/web%0A01", ProtectedService.KeyOf("operator"));
        await service.StatusAsync("PUT", "/operate/broken", ProtectedService.KeyOf("operator"));
        await service.StatusAsync("PUT", "/operate/x", ProtectedService.KeyOf("reader"));
        await service.StatusAsync("PUT", "/operate/x", "unknown");
        await service.StatusAsync("GET", "/read", ProtectedService.KeyOf("reader"));

        var lines = service.Log.Where(line => line.Category == "LogPartitioning.Audit").ToList();
        Assert.Equal(
            [
                "Operator's command Operate on /operate/web%0A01 4 keys by the key operator from 127.0.0.1: done (200)",
                "Operator's command Operate on /operate/broken 4 keys by the key operator from 127.0.0.1: failed (500)",
                "Operator's command Operate on /operate/x by the key reader from 127.0.0.1: refused (403)",
                "Operator's command Operate on /operate/x by the key (unknown) from 127.0.0.1: refused (401)",
            ],
            lines.Select(line => line.Text));
        Assert.All(lines, line => Assert.Equal((LogLevel.Information, 7001), (line.Level, line.Id)));
    }

    [Fact]
    public async Task The_openapi_document_declares_the_keys_and_the_role_of_each_operation()
    {
        await using var service = await ProtectedService.StartAsync();

        var document = JsonElement.Parse(await service.Client.GetStringAsync("/openapi/v1.json"));

        var schemes = document.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal(("http", "bearer"), (schemes.GetProperty("bearer").GetProperty("type").GetString(), schemes.GetProperty("bearer").GetProperty("scheme").GetString()));
        Assert.Equal(("apiKey", "header", "X-Api-Key"), (
            schemes.GetProperty("apiKey").GetProperty("type").GetString(), schemes.GetProperty("apiKey").GetProperty("in").GetString(), schemes.GetProperty("apiKey").GetProperty("name").GetString()));
        var operation = document.GetProperty("paths").GetProperty("/operate/{what}").GetProperty("put");
        Assert.Equal("Needs the role `operate`.", operation.GetProperty("description").GetString());
        Assert.Equal("""[{"bearer":[]},{"apiKey":[]}]""", operation.GetProperty("security").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
        Assert.True(operation.GetProperty("responses").TryGetProperty("401", out _) && operation.GetProperty("responses").TryGetProperty("403", out _));
    }

    /// <summary>An address of this machine that is not loopback, where it has one.</summary>
    private static IPAddress OwnAddress() =>
        Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)) ?? IPAddress.Loopback;

    private static async Task<string> RawAsync(int port, string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n" };
        await writer.WriteAsync($"GET /read HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
        await writer.FlushAsync();
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync().WaitAsync(s_patience);
    }

    /// <summary>With what stands in BASE64(…) in base64.</summary>
    private static string Encoded(string value)
    {
        const string Start = "BASE64(";
        var at = value.IndexOf(Start, StringComparison.Ordinal);
        return at < 0 ? value : $"{value[..at]}{Convert.ToBase64String(Encoding.UTF8.GetBytes(value[(at + Start.Length)..^1]))}";
    }
}
