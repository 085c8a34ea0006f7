using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LogPartitioning.Gateway.Ingress;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Gateway.Ingress;

/// <summary>What the gateway does with requests of other protocols while the producer is away.</summary>
public sealed class ResendingTests
{
    private static readonly (string, string) s_on = ("Gateway:ResendTime", "00:00:30");
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly List<string> _seen = [];

    [Theory]
    [InlineData("/v1/logs")]
    [InlineData("/ingest/clef")]
    [InlineData("/api/events/raw?clef")]
    [InlineData("/loki/api/v1/push")]
    [InlineData("/elasticsearch/_bulk")]
    [InlineData("/elasticsearch/index/_bulk?refresh=true")]
    public async Task A_request_whose_connection_breaks_comes_again_as_it_was(string path)
    {
        await using var gateway = await GatewayAlone.StartAsync(Breaking(2), s_on);
        // More than what is read at once, and than the first piece that is kept.
        var body = string.Concat(Enumerable.Range(0, 30_000).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/x-protobuf"), Headers = { { "X-Scope-OrgID", "tenant" } } };

        using var response = await gateway.Client.SendAsync(request);

        Assert.Equal("taken 3", await response.Content.ReadAsStringAsync());
        Assert.Equal(Enumerable.Repeat($"{path} application/x-protobuf; charset=utf-8 tenant {body.Length} {body}", 3), _seen);
        AssertNothingIsHeld(gateway);
    }

    [Fact]
    public async Task It_comes_again_until_the_producer_is_there()
    {
        var address = FreeAddress();
        await using var gateway = await GatewayAlone.StartAsync(null, s_on, ("Gateway:Producer", address));
        var resending = gateway.Services.GetRequiredService<Resending>();
        // A large one too: of what was never read nothing need be kept.
        var answers = Enumerable.Range(0, 3).Select(i => gateway.Client.PostAsync("/v1/logs", new ByteArrayContent(new byte[i * 2 * Resending.MaxBodyBytes]))).ToList();
        await Eventually.TrueAsync("requests that wait", () => resending.Waiting == 3, s_patience);
        Assert.DoesNotContain(answers, answer => answer.IsCompleted);

        await using var producer = NewProducer(address, Breaking(0));
        await producer.StartAsync();

        foreach (var answer in answers)
        {
            Assert.Equal(HttpStatusCode.OK, (await answer.WaitAsync(s_patience)).StatusCode);
        }

        AssertNothingIsHeld(gateway);
    }

    [Fact]
    public async Task What_the_producer_answers_is_the_answer()
    {
        var count = 0;
        await using var gateway = await GatewayAlone.StartAsync(
            producer => producer.Run(context =>
            {
                count++;
                context.Response.StatusCode = 503;
                context.Response.Headers.RetryAfter = "7";
                return Task.CompletedTask;
            }),
            s_on);

        using var response = await gateway.Client.PostAsync("/loki/api/v1/push", new ByteArrayContent([1]));

        Assert.Equal((1, HttpStatusCode.ServiceUnavailable, "7"), (count, response.StatusCode, response.Headers.RetryAfter!.ToString()));
    }

    [Theory]
    [InlineData("/api/logs", 10, "00:00:30")] // Without an id each time is another event.
    [InlineData("/v1/logs", Resending.MaxBodyBytes + 1, "00:00:30")]
    [InlineData("/v1/logs", 10, "00:00:00")]
    public async Task What_is_not_to_come_again_comes_once(string path, int bytes, string resendTime)
    {
        await using var gateway = await GatewayAlone.StartAsync(Breaking(1), ("Gateway:ResendTime", resendTime));

        using var response = await gateway.Client.PostAsync(path, new ByteArrayContent(new byte[bytes]));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Single(_seen);
        AssertNothingIsHeld(gateway);
    }

    [Fact]
    public async Task When_the_time_is_over_it_is_for_the_client_to_come_again()
    {
        await using var gateway = await GatewayAlone.StartAsync(Breaking(int.MaxValue), ("Gateway:ResendTime", "00:00:01"));

        using var response = await gateway.Client.PostAsync("/v1/logs", new ByteArrayContent([1]));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (response.StatusCode, response.Headers.RetryAfter!.ToString()));
        // In a second: at once, after 50 to 100 ms, 100 to 200, 200 to 400, 400 to 800, and at its end.
        Assert.InRange(_seen.Count, 4, 7);
        AssertNothingIsHeld(gateway);
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_it()
    {
        await using var gateway = await GatewayAlone.StartAsync(Breaking(int.MaxValue), ("Gateway:ResendTime", "00:05:00"));
        var resending = gateway.Services.GetRequiredService<Resending>();
        using var leaving = new CancellationTokenSource();
        var posting = gateway.Client.PostAsync("/v1/logs", new ByteArrayContent([1]), leaving.Token);
        await Eventually.TrueAsync("a request that waits", () => resending.Waiting == 1, s_patience);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting);
        await Eventually.TrueAsync("no request that waits", () => resending.Waiting == 0 && resending.KeptBytes == 0, s_patience);
    }

    [Fact]
    public async Task Half_of_the_requests_at_once_may_wait_and_no_more()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, ("Gateway:ResendTime", "00:05:00"), ("Gateway:ConcurrentRequests", "4"));
        var resending = gateway.Services.GetRequiredService<Resending>();
        using var leaving = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 2).Select(_ => gateway.Client.PostAsync("/v1/logs", new ByteArrayContent([1]), leaving.Token)).ToList();
        await Eventually.TrueAsync("requests that wait", () => resending.Waiting == 2, s_patience);

        using var response = await gateway.Client.PostAsync("/v1/logs", new ByteArrayContent([1]));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain(waiting, posting => posting.IsCompleted);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Fact]
    public async Task All_kept_bodies_together_are_bounded()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, s_on);
        var resending = gateway.Services.GetRequiredService<Resending>();
        List<KeptBody> kept = [];
        for (var most = Resending.MaxKeptBytes / Resending.MaxBodyBytes; kept.Count < most;)
        {
            kept.Add(await ReadAsync(Resending.MaxBodyBytes));
            Assert.True(kept[^1].TryRewind());
        }

        Assert.Equal(Resending.MaxKeptBytes, resending.KeptBytes);
        await using (var beyond = await ReadAsync(1))
        {
            Assert.False(beyond.TryRewind());
        }

        await kept[0].DisposeAsync();
        await using (var again = await ReadAsync(1))
        {
            Assert.True(again.TryRewind());
        }

        kept.ForEach(body => body.Dispose());
        AssertNothingIsHeld(gateway);

        async Task<KeptBody> ReadAsync(int bytes)
        {
            var body = new KeptBody(new MemoryStream(new byte[bytes]), resending);
            await body.CopyToAsync(Stream.Null);
            return body;
        }
    }

    [Fact]
    public async Task A_body_that_was_read_in_part_is_read_on_behind_that()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, s_on);
        byte[] sent = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        await using var body = new KeptBody(new MemoryStream(sent), gateway.Services.GetRequiredService<Resending>());
        for (var part = 0; part < 3; part++)
        {
            var begin = new byte[part * 30_000];
            await body.ReadExactlyAsync(begin);
            Assert.Equal(sent[..begin.Length], begin);
            Assert.True(body.TryRewind());
        }

        using var read = new MemoryStream();
        await body.CopyToAsync(read);
        Assert.Equal(sent, read.ToArray());
    }

    private static void AssertNothingIsHeld(GatewayAlone gateway)
    {
        var resending = gateway.Services.GetRequiredService<Resending>();
        Assert.Equal((0, 0), (resending.Waiting, resending.KeptBytes));
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    private static WebApplication NewProducer(string address, Action<WebApplication> routes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var app = builder.Build();
        routes(app);
        return app;
    }

    /// <summary>A producer that reads a request to its end and then breaks the connection, so many times, and then answers.</summary>
    private Action<WebApplication> Breaking(int times) => producer => producer.Run(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        int count;
        lock (_seen)
        {
            _seen.Add($"{context.Request.Path}{context.Request.QueryString} {context.Request.ContentType} {context.Request.Headers["X-Scope-OrgID"]} {context.Request.ContentLength} {body}");
            count = _seen.Count;
        }

        if (count <= times)
        {
            context.Abort();
            return;
        }

        await context.Response.WriteAsync($"taken {count}", context.RequestAborted);
    });
}
