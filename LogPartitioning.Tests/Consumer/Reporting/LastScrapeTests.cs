using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reporting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Consumer.Reporting;

public sealed class LastScrapeTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero));
    private readonly ConsumerOptions _options = new();

    [Fact]
    public void Nothing_waits_where_nothing_scrapes()
    {
        Assert.True(New().StoppingAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_person_who_looks_at_the_metrics_is_no_scrape()
    {
        var last = New();
        await last.ObserveAsync(new DefaultHttpContext(), AnswerAsync);
        _time.Advance(Interval);
        await last.ObserveAsync(new DefaultHttpContext(), AnswerAsync);

        Assert.True(last.StoppingAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_instance_stays_until_the_scrape_that_is_due_has_been_answered()
    {
        var last = await ScrapedTwiceAsync();

        var stopping = last.StoppingAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        var answer = new TaskCompletionSource();
        var scrape = last.ObserveAsync(Scrape(), _ => answer.Task);
        Assert.False(stopping.IsCompleted);
        answer.SetResult();
        await scrape;

        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_scrape_that_began_before_the_drain_ended_does_not_count()
    {
        var last = await ScrapedTwiceAsync();
        var answer = new TaskCompletionSource();
        var early = last.ObserveAsync(Scrape(), _ => answer.Task);

        var stopping = last.StoppingAsync(CancellationToken.None);
        answer.SetResult();
        await early;
        Assert.False(stopping.IsCompleted);

        await last.ObserveAsync(Scrape(), AnswerAsync);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task One_who_is_not_let_in_is_no_scrape()
    {
        var never = New();
        await never.ObserveAsync(Scrape(), RefuseAsync);
        _time.Advance(Interval);
        await never.ObserveAsync(Scrape(), RefuseAsync);
        Assert.True(never.StoppingAsync(CancellationToken.None).IsCompletedSuccessfully);

        var last = await ScrapedTwiceAsync();
        var stopping = last.StoppingAsync(CancellationToken.None);
        await last.ObserveAsync(Scrape(), RefuseAsync);
        Assert.False(stopping.IsCompleted);
        await last.ObserveAsync(Scrape(), AnswerAsync);
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_scrape_that_does_not_come_is_not_waited_for_longer_than_it_is_due()
    {
        var last = await ScrapedTwiceAsync();

        var stopping = last.StoppingAsync(CancellationToken.None);
        _time.Advance(Interval);
        Assert.False(stopping.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(15, 10)]
    [InlineData(5, 0)]
    public async Task A_scrape_that_is_due_later_than_the_limit_is_not_waited_for(int intervalSeconds, int limitSeconds)
    {
        _options.LastScrapeWait = TimeSpan.FromSeconds(limitSeconds);
        var last = await ScrapedTwiceAsync(TimeSpan.FromSeconds(intervalSeconds));

        Assert.True(last.StoppingAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_host_can_cut_the_waiting_short()
    {
        var last = await ScrapedTwiceAsync();
        using var cancel = new CancellationTokenSource();

        var stopping = last.StoppingAsync(cancel.Token);
        await cancel.CancelAsync();

        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private static Task AnswerAsync(HttpContext context) => Task.CompletedTask;

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private static DefaultHttpContext Scrape()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[LastScrape.ScrapeHeader] = "10";
        return context;
    }

    private LastScrape New() => new(_options, _time, NullLogger<LastScrape>.Instance);

    private async Task<LastScrape> ScrapedTwiceAsync(TimeSpan? interval = null)
    {
        var last = New();
        await last.ObserveAsync(Scrape(), AnswerAsync);
        _time.Advance(interval ?? Interval);
        await last.ObserveAsync(Scrape(), AnswerAsync);
        return last;
    }
}
