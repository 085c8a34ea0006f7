using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Tests.Servers;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Gateway.Query;

[Collection(PostgresTests.Name)]
public sealed class LogQueryTests(PostgresServer server) : DatabaseTest(server)
{
    private readonly PostgresServer _server = server;

    [PostgresFact]
    public async Task An_empty_store_gives_an_empty_page() =>
        Assert.Equal((0, null), await PageAsync(new()) is var page ? (page.Items.Count, page.Next) : default);

    [PostgresFact]
    public async Task The_timestamp_decides_and_where_it_is_the_same_the_place_of_the_record()
    {
        await Database.MakeDaysAsync(Start, 2);
        await Database.StoreRowsAsync(3, Event(message: "4", at: Start.AddHours(5)), Event(message: "2", at: Start), Event(message: "3", at: Start), Event(message: "0", at: Start.AddYears(-3)));
        await Database.StoreRowsAsync(1, Event(message: "1", at: Start), Event(message: "6", at: Start.AddYears(5)), Event(message: "5", at: Start.AddDays(1)));

        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], (await PageAsync(new())).Items.Select(i => i.Event.Message));
        Assert.Equal(["6", "5", "4", "3", "2", "1", "0"], (await PageAsync(new() { Order = LogOrder.Newest })).Items.Select(i => i.Event.Message));
    }

    [PostgresFact]
    public async Task The_keys_of_a_split_source_are_merged_by_time()
    {
        await Database.StoreRowsAsync(0, Event("s", "1", at: Start), Event("s", "4", at: Start.AddSeconds(4)));
        await Database.StoreRowsAsync(5, Event("s", "2", at: Start.AddSeconds(2)), Event("s", "3", at: Start.AddSeconds(3)), Event("s", "5", at: Start.AddSeconds(5)));

        Assert.Equal(["1", "2", "3", "4", "5"], (await PageAsync(new() { Source = "s" })).Items.Select(i => i.Event.Message));
    }

    [PostgresFact]
    public async Task Pages_of_any_size_add_up_to_the_whole_in_the_same_order()
    {
        // Over five days of which one has no partition, with many equal timestamps.
        var random = new Random(7);
        await Database.MakeDaysAsync(Start, 2);
        await Database.MakeDaysAsync(Start.AddDays(3), 2);
        for (var partition = 0; partition < 4; partition++)
        {
            await Database.StoreRowsAsync(partition, [.. Enumerable.Range(0, 60).Select(i => Event($"s{partition}", $"{partition}/{i}", at: Start.AddHours(4 * random.Next(27))))]);
        }

        foreach (var order in Enum.GetValues<LogOrder>())
        {
            var whole = (await PageAsync(new() { Order = order, Limit = 1000 })).Items;
            Assert.Equal(240, whole.Count);
            Assert.Equal(InOrder(whole, order), whole.Select(i => i.Place));

            foreach (var limit in (int[])[1, 7, 60, 239, 240])
            {
                var pages = await PagesAsync(new() { Order = order, Limit = limit });
                Assert.All(pages, page => Assert.True(page.Items.Count == limit || page.Next is null, $"a page of {page.Items.Count} says that there is more"));
                Assert.Equal((240 + limit - 1) / limit, pages.Count);
                Assert.Equal(whole.Select(i => i.Place), pages.SelectMany(page => page.Items).Select(i => i.Place));
            }
        }
    }

    [PostgresFact]
    public async Task Pages_give_each_event_once_while_others_arrive()
    {
        var random = new Random(3);
        var stored = 0;
        await Database.MakeDaysAsync(Start, 3);
        await StoreSomeAsync(100, most: 100);
        foreach (var order in Enum.GetValues<LogOrder>())
        {
            var before = (await PageAsync(new() { Limit = 1000 })).Items.Select(i => i.Event.Id).ToHashSet();
            Assert.Equal(stored, before.Count);

            var pages = await PagesAsync(new() { Order = order, Limit = 9 }, () => StoreSomeAsync(5, most: before.Count + 200));

            var items = pages.SelectMany(page => page.Items).ToList();
            Assert.Equal(items.Select(i => i.Event.Id).Distinct().Count(), items.Count);
            Assert.Equal(InOrder(items, order), items.Select(i => i.Place));
            Assert.Superset(before, items.Select(i => i.Event.Id).ToHashSet());
        }

        // Of few timestamps, on both sides of where the reading is. What is stored further on makes the reading longer, so it stops at some time.
        async Task StoreSomeAsync(int count, int most)
        {
            if (stored < most)
            {
                await Database.StoreRowsAsync(random.Next(3), [.. Enumerable.Range(0, count).Select(_ => Event(at: Start.AddHours(6 * random.Next(10))))]);
                stored += count;
            }
        }
    }

    [PostgresFact]
    public async Task A_page_that_is_full_at_the_end_of_a_day_goes_on_with_the_next()
    {
        await Database.MakeDaysAsync(Start, 3);
        await Database.StoreRowsAsync(0, Event(message: "1"), Event(message: "2"), Event(message: "3", at: Start.AddDays(2)));

        var first = await PageAsync(new() { Limit = 2 });
        var second = await PageAsync(new() { Limit = 2, After = first.Next });

        Assert.Equal(["3"], second.Items.Select(i => i.Event.Message));
        Assert.Null(second.Next);
    }

    [PostgresFact]
    public async Task The_first_and_the_last_time_are_read_past()
    {
        Assert.True(Rfc3339.TryParse("0001-01-01T00:00:00.000001Z", out var first));
        Assert.True(Rfc3339.TryParse("9999-12-31T23:59:59.999999Z", out var last));
        await Database.StoreRowsAsync(0, Event(message: "1", at: first), Event(message: "2", at: first), Event(message: "3", at: last), Event(message: "4", at: last));

        Assert.Equal(["1", "2", "3", "4"], (await PagesAsync(new() { Limit = 1 })).SelectMany(page => page.Items).Select(i => i.Event.Message));
        Assert.Equal(["4", "3", "2", "1"], (await PagesAsync(new() { Limit = 1, Order = LogOrder.Newest })).SelectMany(page => page.Items).Select(i => i.Event.Message));
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
            await Database.StoreRowsAsync(partition, events);
            stored.AddRange(events);
        }

        var pages = await PagesAsync(new() { Limit = 1000 });

        Assert.All(pages, page => Assert.InRange(page.Bytes, 1, LogQuery.MaxPageBytes));
        Assert.All(pages, page => Assert.InRange(page.Items.Sum(i => i.Event.Message.Length + (i.Event.Attributes?.Length ?? 0)), 1, LogQuery.MaxPageBytes));
        Assert.InRange(pages.Count, 12, 13);
        var items = pages.SelectMany(page => page.Items).ToList();
        Assert.Equal(stored.Select(e => e.Id).Order(), items.Select(i => i.Event.Id).Order());
        Assert.Equal(InOrder(items, LogOrder.Oldest), items.Select(i => i.Place));
    }

    [PostgresFact]
    public async Task An_event_that_is_larger_than_a_page_is_a_page_of_its_own()
    {
        await Database.StoreRowsAsync(0, Event(message: "before"), Event(message: "large", attributes: $$"""{"text": "{{new string('x', LogQuery.MaxPageBytes)}}"}"""), Event(message: "after"));

        var first = await PageAsync(new());
        var second = await PageAsync(new() { After = first.Next });
        var third = await PageAsync(new() { After = second.Next });

        Assert.Equal(["before"], first.Items.Select(i => i.Event.Message));
        Assert.Equal(["large"], second.Items.Select(i => i.Event.Message));
        Assert.Equal(["after"], third.Items.Select(i => i.Event.Message));
        Assert.Null(third.Next);
    }

    [PostgresFact]
    public async Task Filters_hold_together()
    {
        await Database.StoreRowsAsync(
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
    public async Task Upper_and_lower_case_are_alike_in_any_script_where_the_server_knows_no_language()
    {
        await using var database = await _server.CreateEmptyDatabaseAsync("TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
        await database.MakeSchemaAsync();
        string[] messages = ["Straße gesperrt", "ΟΔΟΣ κλειστή", "Улица закрыта", "ÉTÉ", "plain"];
        await database.StoreRowsAsync(0, [.. messages.Select((message, i) => Event(message: message, at: Start.AddSeconds(i)))]);

        foreach (var (text, offset) in new[] { ("STRASSE", 0), ("straße", 0), ("strasse", 0), ("οδος", 1), ("οδοσ", 1), ("ΚΛΕΙΣΤΉ", 1), ("УЛИЦА", 2), ("улица З", 2), ("été", 3), ("PLAIN", 4) })
        {
            var page = await new LogQuery(database).RunAsync(new() { Contains = text }, CancellationToken.None);
            Assert.Equal([offset], page.Items.Select(i => i.Offset));
        }
    }

    [PostgresFact]
    public async Task A_text_is_looked_for_in_so_many_events_at_most()
    {
        await Database.MakeDaysAsync(Start, 3);
        await Database.StoreRowsAsync(0, [.. Enumerable.Range(0, 1200).Select(i => Event($"s{i % 3}", "text", i % 10 == 0 ? Severity.Error : Severity.Information, Start.AddHours(i % 60)))]);
        await Database.CountMinutesAsync();
        var query = new LogQuery(Database) { MaxSearchedEvents = 1000 };

        var refused = await Assert.ThrowsAsync<SearchTooWideException>(() => query.RunAsync(new() { Contains = "text" }, CancellationToken.None));
        Assert.Equal(
            "would be looked for in 1,200 events or more to 2026-11-25T00:00:00Z, and 1,000 are the most (Query:MaxSearchedEvents): give a window by from and to, or a source, that has fewer",
            refused.Message);
        await Assert.ThrowsAsync<SearchTooWideException>(() => query.RunAsync(new() { Contains = "text", Order = LogOrder.Newest, MinLevel = Severity.Warning }, CancellationToken.None));
        foreach (var filter in (LogFilter[])
        [
            new() { Contains = "text", Source = "s1" },
            new() { Contains = "text", From = Start.AddHours(20) },
            new() { Contains = "text", To = Start.AddHours(40) },
            new() { Contains = "text", MinLevel = Severity.Error },
            new() { Contains = "text", Level = Severity.Critical },
        ])
        {
            await query.RunAsync(filter, CancellationToken.None);
        }

        // A source is bounded by itself.
        await Database.StoreRowsAsync(1, [.. Enumerable.Range(0, 1001).Select(_ => Event("busy", "text"))]);
        await Database.CountMinutesAsync();
        refused = await Assert.ThrowsAsync<SearchTooWideException>(() => query.RunAsync(new() { Contains = "text", Source = "busy" }, CancellationToken.None));
        Assert.Contains("looked for in 1,001 events or more", refused.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_text_that_looks_like_sql_is_only_a_text()
    {
        await Database.StoreRowsAsync(0, Event("a'; DROP TABLE log_events; --", "x"));

        Assert.Single((await PageAsync(new() { Source = "a'; DROP TABLE log_events; --" })).Items);
        Assert.Single((await PageAsync(new())).Items);
    }

    [PostgresFact]
    public async Task A_search_that_takes_too_long_is_cancelled()
    {
        await Database.StoreRowsAsync(0, [.. Enumerable.Range(0, 500).Select(_ => Event(message: new string('x', 20_000)))]);
        var query = new LogQuery(Database) { StatementTimeout = TimeSpan.FromMilliseconds(1) };

        await Assert.ThrowsAsync<TimeoutException>(() => query.RunAsync(new() { Contains = "never there" }, CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_limit_out_of_range_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PageAsync(new() { Limit = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => PageAsync(new() { Limit = 1001 }));
    }

    /// <summary>The order as it is promised, made the plain way.</summary>
    private static IEnumerable<LogPlace> InOrder(IEnumerable<StoredLogEvent> items, LogOrder order)
    {
        var places = items.Select(i => i.Place).OrderBy(p => p.Timestamp).ThenBy(p => p.Partition).ThenBy(p => p.Log).ThenBy(p => p.Offset);
        return order == LogOrder.Oldest ? places : places.Reverse();
    }

    private Task<LogPage> PageAsync(LogFilter filter) => new LogQuery(Database).RunAsync(filter, CancellationToken.None);

    /// <summary>All pages, each after the cursor of the one before as a caller has it.</summary>
    private async Task<List<LogPage>> PagesAsync(LogFilter filter, Func<Task>? between = null)
    {
        var pages = new List<LogPage> { await PageAsync(filter) };
        while (pages[^1].Next is { } next)
        {
            await (between?.Invoke() ?? Task.CompletedTask);
            Assert.True(LogCursor.TryParse(next.ToString(), out var after, out _));
            pages.Add(await PageAsync(filter with { After = after }));
        }

        return pages;
    }

    private async Task<IEnumerable<long>> OffsetsAsync(LogFilter filter) => (await PageAsync(filter)).Items.Select(i => i.Offset);
}
