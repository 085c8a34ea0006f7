using System.Net;
using System.Net.Http.Json;
using LogPartitioning.Tests.Gateway;
using LogPartitioning.Tests.Producer;
using LogPartitioning.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Door;

/// <summary>Who sends slowly holds up nobody else, and gives way where there is no room for both.</summary>
[Trait("Category", "Slow")]
public sealed class SlowSenderTests : IDisposable
{
    private const int Slow = 2048;
    private const string TooSlow = "came too slowly";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly object s_event = new { source = "fast", message = "m" };

    private readonly MockCluster _cluster = new(3);

    [Fact]
    public async Task Slow_bodies_take_no_turn_at_the_producer()
    {
        await using var producer = await ProducerInProcess.StartAsync(
            _cluster.BootstrapServers, checksTopics: false, ("Producer:MaxConcurrentRequests", "1"), ("Producer:MaxWaitingRequests", "0"));
        await using var slow = await SlowSenders.StartAsync(20, producer.Client.BaseAddress!, "/api/logs", 1, Slow);
        for (var i = 0; i < 20; i++)
        {
            using var answer = await producer.Client.PostAsJsonAsync("/api/logs", s_event);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        Assert.All(slow.Senders, sender => Assert.Null(sender.Status));
    }

    /// <summary>By every way in it is told to come again: most clients would take 408 as said for good.</summary>
    [Theory]
    [InlineData("/api/logs")]
    [InlineData("/v1/logs")]
    [InlineData("/api/events/raw")]
    [InlineData("/loki/api/v1/push")]
    [InlineData("/elasticsearch/_bulk")]
    public async Task The_slowest_gives_up_the_memory_that_it_holds_and_is_to_come_again(string path)
    {
        await using var producer = await ProducerInProcess.StartAsync(
            _cluster.BootstrapServers, checksTopics: false, ("Producer:MaxBufferedBytes", (16 * 1024 * 1024).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        // What they hold is next to all that there is. One that finds no room while the others come is refused, and another comes in its place.
        await using var slow = await SlowSenders.StartAsync(15, producer.Client.BaseAddress!, path, (1024 * 1024) + 32_000, Slow);
        var body = new { source = "fast", message = new string('m', 60_000) };
        var events = Enumerable.Repeat(body, 30).ToList();
        await Eventually.SeesAsync(
            "a large request taken, for which slow ones gave way",
            async token =>
            {
                await slow.ReplaceAsync(sender => sender.Status is not null && !sender.Answer.Contains(TooSlow, StringComparison.Ordinal));
                using var answer = await producer.Client.PostAsJsonAsync("/api/logs", events, token);
                return $"{(int)answer.StatusCode} {Answers(slow)}";
            },
            seen => seen.StartsWith("202", StringComparison.Ordinal) && seen.Contains(TooSlow, StringComparison.Ordinal),
            s_patience);
        AssertToComeAgain(slow);
        Assert.Contains(slow.Senders, sender => sender.Status is null);
    }

    [Fact]
    public async Task Slow_bodies_leave_half_of_the_gateways_room_to_others()
    {
        await using var gateway = await GatewayAlone.StartAsync(
            app => app.MapPost("/api/logs", async (HttpContext context) =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                return Results.StatusCode(StatusCodes.Status202Accepted);
            }),
            ("Gateway:ConcurrentRequests", "8"));
        await using var slow = await SlowSenders.StartAsync(8, gateway.Client.BaseAddress!, "/api/logs", 1, Slow);
        await using var more = await SlowSenders.StartAsync(8, gateway.Client.BaseAddress!, "/api/consumer/replay", 1, Slow);
        await Eventually.SeesAsync(
            "an event taken, for which slow ones gave way",
            async token =>
            {
                using var answer = await gateway.Client.PostAsJsonAsync("/api/logs", s_event, token);
                return $"{(int)answer.StatusCode} {Answers(slow)} {Answers(more)}";
            },
            seen => seen.StartsWith("202", StringComparison.Ordinal) && seen.Contains(TooSlow, StringComparison.Ordinal),
            s_patience);
        AssertToComeAgain(slow);
    }

    private static string Answers(SlowSenders slow) => string.Join(' ', slow.Senders.Select(sender => sender.Answer));

    private static void AssertToComeAgain(SlowSenders slow) => Assert.All(
        slow.Senders.Where(sender => sender.Answer.Contains(TooSlow, StringComparison.Ordinal)),
        sender =>
        {
            Assert.Equal(503, sender.Status);
            Assert.Contains("Retry-After: ", sender.Answer, StringComparison.Ordinal);
        });

    public void Dispose() => _cluster.Dispose();
}
