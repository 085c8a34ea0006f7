using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>What counts as a stall of the brokers, and what as a wrong answer.</summary>
public sealed class StallTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_put_off_is_no_stall()
    {
        Assert.Empty(new Stall([]).Problems(["kafka-1"]));
        Assert.Equal("no request put off", new Stall([]).ToString());
    }

    [Fact]
    public void Requests_that_wait_in_turn_are_one_stall()
    {
        var stall = new Stall([At(18, 10, 20), At(17, 0, 10), At(16, 0.2, 10.1), At(19, 10.1, 19.9)]);

        Assert.Empty(stall.Problems([]));
        Assert.Equal("4 requests put off, 16 to 19, within 20.0 s from 12:00:00.0", stall.ToString());
    }

    [Fact]
    public void Two_stalls_are_one_too_many() =>
        Assert.Contains("another began at 12:00:12.0 with request 3", Assert.Single(new Stall([At(1, 0, 10), At(2, 1, 10), At(3, 12, 22)]).Problems([])));

    [Fact]
    public void A_stall_has_an_end() =>
        Assert.Contains("longer than 45 s", Assert.Single(new Stall(Enumerable.Range(0, 5).Select(n => At(n, n * 10, (n + 1) * 10))).Problems([])));

    [Fact]
    public void Who_is_put_off_has_waited() =>
        Assert.Contains("request 2 after 0.1 s", Assert.Single(new Stall([At(1, 0, 10), At(2, 5, 5.1)]).Problems([])));

    [Fact]
    public void A_broker_that_is_down_is_no_stall() =>
        Assert.Contains("kafka-2 went down", Assert.Single(new Stall([At(1, 0, 10)]).Problems(["kafka-2"])));

    [Fact]
    public async Task An_answer_that_says_to_come_again_is_kept_beside_the_problems()
    {
        var run = await RunAsync(50, HttpStatusCode.ServiceUnavailable, retryAfter: true);

        Assert.Empty(run.Problems);
        Assert.Equal(Enumerable.Range(0, 50), run.PutOff.Select(p => p.Request).Order());
        Assert.Empty(run.Good);
    }

    [Fact]
    public async Task One_that_does_not_say_so_is_a_problem()
    {
        var run = await RunAsync(10, HttpStatusCode.ServiceUnavailable, retryAfter: false);

        Assert.Equal(10, run.Problems.Count);
        Assert.Empty(run.PutOff);
    }

    [Fact]
    public async Task A_run_does_not_outlast_a_stall_that_is_too_long()
    {
        var run = await RunAsync(1_000, HttpStatusCode.ServiceUnavailable, retryAfter: true);

        Assert.InRange(run.PutOff.Count, Stall.Longest / Stall.LeastWait * 16, 150);
    }

    private static PutOff At(int request, double sent, double answered) => new(request, Start.AddSeconds(sent), Start.AddSeconds(answered));

    private static async Task<FuzzRun> RunAsync(int requests, HttpStatusCode status, bool retryAfter)
    {
        using var http = new HttpClient(new Answering(status, retryAfter)) { BaseAddress = new("http://producer") };
        var run = new FuzzRun(http, new("/api/logs", UriKind.Relative), seed: 1, () => 0, new FakeTimeProvider(Start));
        await run.RunAsync(requests, CancellationToken.None);
        return run;
    }

    private sealed class Answering(HttpStatusCode status, bool retryAfter) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(status)
        {
            Headers = { RetryAfter = retryAfter ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(1)) : null },
        });
    }
}
