using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.Tests.Servers;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Gateway.Query;

[Collection(PostgresTests.Name)]
public sealed class LogQueryTests(PostgresServer server) : DatabaseTest(server)
{
    [PostgresFact]
    public async Task An_empty_store_gives_an_empty_page() =>
        Assert.Equal((0, null), await PageAsync(new()) is var page ? (page.Items.Count, page.Next) : default);

    [PostgresFact]
    public async Task Offset_order_holds_within_a_partition_whatever_the_timestamps_say()
    {
        await StoreAsync(0, Event(message: "1", at: Start.AddHours(5)), Event(message: "2", at: Start), Event(message: "3", at: Start.AddYears(-3)));

        Assert.Equal(["1", "2", "3"], (await PageAsync(new())).Items.Select(i => i.Event.Message));
    }

    [PostgresFact]
    public async Task The_keys_of_a_split_source_are_merged_by_time()
    {
        await StoreAsync(0, Event("s", "1", at: Start), Event("s", "4", at: Start.AddSeconds(4)));
        await StoreAsync(5, Event("s", "2", at: Start.AddSeconds(2)), Event("s", "3", at: Start.AddSeconds(3)), Event("s", "5", at: Start.AddSeconds(5)));

        Assert.Equal(["1", "2", "3", "4", "5"], (await PageAsync(new() { Source = "s" })).Items.Select(i => i.Event.Message));
    }

    [PostgresFact]
    public async Task Pages_of_any_size_add_up_to_the_whole_in_the_same_order()
    {
        var random = new Random(7);
        for (var partition = 0; partition < 4; partition++)
        {
            await StoreAsync(partition, [.. Enumerable.Range(0, 60).Select(i => Event($"s{partition}", $"{partition}/{i}", at: Start.AddSeconds(random.Next(1000))))]);
        }
        var whole = (await PageAsync(new() { Limit = 1000 })).Items.Select(i => i.Event.Message).ToList();
        Assert.Equal(240, whole.Count);

        foreach (var limit in (int[])[1, 7, 60, 239, 240])
        {
            var pages = new List<string>();
            OffsetsCursor? after = null;
            do
            {
                var page = await PageAsync(new() { Limit = limit, After = after });
                pages.AddRange(page.Items.Select(i => i.Event.Message));
                Assert.True(page.Items.Count == limit || page.Next is null, $"a page of {page.Items.Count} says that there is more");
                Assert.True(page.Next is null || OffsetsCursor.TryParse(page.Next.ToString(), out after));
                after = page.Next is null ? null : after;
            }
            while (after is not null);
            Assert.Equal(whole, pages);
        }
    }

    [PostgresFact]
    public async Task A_page_of_large_events_is_short_and_nothing_is_left_out_or_given_twice()
    {
        // Of 64 KB each, those of one half easy to compress: what a page costs is what it has as text.
        var random = new Random(11);
        var stored = new List<LogEvent>();
        for (var partition = 0; partition < 3; partition++)
        {
            LogEvent[] events = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0
                ? Event($"s{partition}", string.Concat(Enumerable.Range(0, 4_000).Select(_ => random.NextInt64().ToString("x16")))[..64_000], at: Start.AddSeconds(random.Next(1000)))
                : Event($"s{partition}", $"{partition}/{i}", at: Start.AddSeconds(random.Next(1000)), attributes: $$"""{"text": "{{new string('x', 64_000)}}"}"""))];
            await StoreAsync(partition, events);
            stored.AddRange(events);
        }

        var pages = new List<LogPage>();
        do
        {
            pages.Add(await PageAsync(new() { Limit = 1000, After = pages.LastOrDefault()?.Next }));
        }
        while (pages[^1].Next is not null);

        Assert.All(pages, page => Assert.InRange(page.Bytes, 1, LogQuery.MaxPageBytes));
        Assert.All(pages, page => Assert.InRange(page.Items.Sum(i => i.Event.Message.Length + (i.Event.Attributes?.Length ?? 0)), 1, LogQuery.MaxPageBytes));
        Assert.InRange(pages.Count, 12, 13);
        var items = pages.SelectMany(page => page.Items).ToList();
        Assert.Equal(stored.Select(e => e.Id).Order(), items.Select(i => i.Event.Id).Order());
        Assert.All(items.GroupBy(i => i.Partition), partition => Assert.Equal(partition.Select(i => i.Offset).Order(), partition.Select(i => i.Offset)));
        Assert.Equal(InOrder(items), items.Select(i => (i.Partition, i.Offset)));
    }

    [PostgresFact]
    public async Task An_event_that_is_larger_than_a_page_is_a_page_of_its_own()
    {
        await StoreAsync(0, Event(message: "before"), Event(message: "large", attributes: $$"""{"text": "{{new string('x', LogQuery.MaxPageBytes)}}"}"""), Event(message: "after"));

        var first = await PageAsync(new());
        var second = await PageAsync(new() { After = first.Next });
        var third = await PageAsync(new() { After = second.Next });

        Assert.Equal(["before"], first.Items.Select(i => i.Event.Message));
        Assert.Equal(["large"], second.Items.Select(i => i.Event.Message));
        Assert.Equal(["after"], third.Items.Select(i => i.Event.Message));
        Assert.Null(third.Next);
    }

    [PostgresFact]
    public async Task The_merge_of_the_database_takes_the_head_with_the_smallest_timestamp_again_and_again()
    {
        var random = new Random(5);
        for (var partition = 0; partition < 5; partition++)
        {
            // Few different times, so that many are equal.
            await StoreAsync(partition, [.. Enumerable.Range(0, 40).Select(i => Event($"s{partition}", $"{partition}/{i}", at: Start.AddSeconds(random.Next(6))))]);
        }

        var items = (await PageAsync(new() { Limit = 1000 })).Items;

        Assert.Equal(200, items.Count);
        Assert.Equal(InOrder(items), items.Select(i => (i.Partition, i.Offset)));
    }

    /// <summary>The order as it is promised, made the plain way.</summary>
    private static List<(int Partition, long Offset)> InOrder(IEnumerable<StoredLogEvent> items)
    {
        var streams = items.GroupBy(i => i.Partition).Select(p => new Queue<StoredLogEvent>(p.OrderBy(i => i.Place))).ToList();
        var order = new List<(int, long)>();
        while (streams.Where(s => s.Count > 0).MinBy(s => (s.Peek().Event.Timestamp, s.Peek().Partition)) is { } stream)
        {
            var next = stream.Dequeue();
            order.Add((next.Partition, next.Offset));
        }
        return order;
    }

    [PostgresFact]
    public async Task Filters_hold_together()
    {
        await StoreAsync(
            0,
            Event("a", "Payment failed", Severity.Error, Start),
            Event("a", "Payment failed", Severity.Information, Start.AddSeconds(1)),
            Event("a", "100%_done", Severity.Critical, Start.AddSeconds(2)),
            Event("b", "Payment failed", Severity.Error, Start.AddSeconds(3)),
            Event("a", "PAYMENT FAILED", Severity.Warning, Start.AddSeconds(4)));

        Assert.Equal([0, 1, 2, 4], await OffsetsAsync(new() { Source = "a" }));
        Assert.Equal([0, 2, 3, 4], await OffsetsAsync(new() { MinLevel = Severity.Warning }));
        Assert.Equal([1, 2], await OffsetsAsync(new() { From = Start.AddSeconds(1), To = Start.AddSeconds(3) }));
        Assert.Equal([0, 1, 3, 4], await OffsetsAsync(new() { Contains = "payment" }));
        Assert.Equal([2], await OffsetsAsync(new() { Contains = "%_" }));
        Assert.Empty(await OffsetsAsync(new() { Contains = "a%d" }));
        Assert.Equal([0, 4], await OffsetsAsync(new() { Source = "a", MinLevel = Severity.Warning, Contains = "payment" }));
    }

    [PostgresFact]
    public async Task A_text_that_looks_like_sql_is_only_a_text()
    {
        await StoreAsync(0, Event("a'; DROP TABLE log_events; --", "x"));

        Assert.Single((await PageAsync(new() { Source = "a'; DROP TABLE log_events; --" })).Items);
        Assert.Single((await PageAsync(new())).Items);
    }

    [PostgresFact]
    public async Task A_search_that_takes_too_long_is_cancelled()
    {
        await StoreAsync(0, [.. Enumerable.Range(0, 500).Select(_ => Event(message: new string('x', 20_000)))]);
        var query = new LogQuery(Database) { StatementTimeout = TimeSpan.FromMilliseconds(1) };

        await Assert.ThrowsAsync<TimeoutException>(() => query.RunAsync(new() { Contains = "never there" }, CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_limit_out_of_range_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PageAsync(new() { Limit = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PageAsync(new() { Limit = 1001 }));
    }

    private Task<LogPage> PageAsync(LogFilter filter) => new LogQuery(Database).RunAsync(filter, CancellationToken.None);

    private async Task<IEnumerable<long>> OffsetsAsync(LogFilter filter) => (await PageAsync(filter)).Items.Select(i => i.Offset);

    private async Task StoreAsync(int partition, params LogEvent[] events)
    {
        var store = new LogStore(Database, "group", "topic");
        var claim = await store.ClaimAsync(partition);
        Assert.True((await store.WriteAsync(Batch(claim, claim.NextOffset, [.. events.Select((e, i) => Record(claim.NextOffset + i, e))]))).Committed);
    }
}
