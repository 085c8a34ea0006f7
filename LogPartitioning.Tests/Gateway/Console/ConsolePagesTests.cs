using System.Net;
using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Gateway.Console;

/// <summary>The pages of a gateway that reaches no server: they are there, and say what is not known.</summary>
public sealed partial class ConsolePagesTests
{
    /// <summary>What a browser loads for the first page, compressed, at most.</summary>
    private const long MostAssetBytes = 500_000;

    [Theory]
    [InlineData("/", "the brokers cannot be reached|The brokers have not told|did not tell")]
    [InlineData("/partitions", "the brokers cannot be reached|The brokers have not told|did not tell")]
    [InlineData("/partitions/3", "the brokers cannot be reached|The brokers have not told|did not tell")]
    [InlineData("/sources", "The producer does not answer")]
    [InlineData("/rebalances", "Not all rebalances may be here")]
    [InlineData("/scaling", "The lag has not been read yet|the brokers cannot be reached|did not tell")]
    [InlineData("/logs", "The log store does not answer")]
    [InlineData("/dead-letters", "The brokers do not answer")]
    [InlineData("/operate", "The brokers do not answer|The log store does not answer")]
    [InlineData("/logs?minLevel=loud&from=yesterday", "minLevel must be one of .* from must be a time")]
    public async Task A_page_says_what_cannot_be_known(string path, string words)
    {
        await using var gateway = await GatewayAlone.StartAsync();

        using var answer = await gateway.Client.GetAsync(path);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("<nav", page, StringComparison.Ordinal);
        var shown = page[page.IndexOf("<main", StringComparison.Ordinal)..];
        Assert.True(Regex.IsMatch(shown, $"(?s){words}"), shown);
        Assert.True(answer.Headers.CacheControl?.NoStore, $"{answer.Headers.CacheControl}");
        Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_a_page_loads_is_its_own_and_small()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        var page = await gateway.Client.GetStringAsync("/");

        var addresses = Addresses().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Contains(addresses, address => address.Contains("blazor.web", StringComparison.Ordinal));
        Assert.DoesNotContain(addresses, address => address.StartsWith("http", StringComparison.Ordinal) || address.StartsWith("//", StringComparison.Ordinal));
        // What those load in turn.
        addresses.AddRange(["_content/Microsoft.FluentUI.AspNetCore.Components/Microsoft.FluentUI.AspNetCore.Components.lib.module.js", .. Directory
            .GetFiles(RepositoryFiles.PathOf("LogPartitioning.Gateway/wwwroot/console"), "*.js").Select(file => $"console/{Path.GetFileName(file)}").Where(file => !file.EndsWith("console.js", StringComparison.Ordinal))]);

        var sizes = new Dictionary<string, long>();
        foreach (var address in addresses.Where(address => address.Contains('.', StringComparison.Ordinal)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.AcceptEncoding.Add(new("gzip"));
            using var asset = await gateway.Client.SendAsync(request);
            Assert.True(asset.IsSuccessStatusCode, $"{address}: {asset.StatusCode}");
            var bytes = await asset.Content.ReadAsByteArrayAsync();
            Assert.True(asset.Content.Headers.ContentEncoding.Contains("gzip") || bytes.Length < 4096, $"{address} comes uncompressed");
            sizes[address] = bytes.Length;
        }

        Assert.True(sizes.Values.Sum() <= MostAssetBytes, $"{sizes.Values.Sum()} bytes: {string.Join(", ", sizes)}");
    }

    [Fact]
    public async Task What_changes_is_streamed_at_once_and_then_told_to_be_the_same()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var answer = await gateway.Client.GetAsync("/live/scaling", HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);

        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(deadline.Token));
        Assert.Equal("event: view", await lines.ReadLineAsync(deadline.Token));
        Assert.StartsWith("data: <div class=\"notice bad\"", await lines.ReadLineAsync(deadline.Token), StringComparison.Ordinal);
        string? line;
        do
        {
            line = await lines.ReadLineAsync(deadline.Token);
            Assert.NotNull(line);
        }
        while (!line.StartsWith("event: ", StringComparison.Ordinal));
        Assert.Matches("^event: (beat|view)$", line);
    }

    [Fact]
    public async Task A_stream_of_no_page_is_not_found_and_one_too_many_is_told()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        using var none = await gateway.Client.GetAsync("/live/nothing");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

        using var streams = new LogPartitioning.Gateway.Console.LiveStreams();
        var places = Enumerable.Range(0, LogPartitioning.Gateway.Console.LiveStreams.Most).Select(_ => streams.TryOpen()).ToList();
        Assert.DoesNotContain(null, places);
        Assert.Null(streams.TryOpen());
        places[0]!.Dispose();
        places[0]!.Dispose();
        Assert.NotNull(streams.TryOpen());
        Assert.Null(streams.TryOpen());
    }

    [GeneratedRegex("""(?:src|href)="([^"]*\.(?:js|css|svg))(?:")""")]
    private static partial Regex Addresses();
}
