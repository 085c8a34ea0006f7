using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Tests.Gateway.Query;

/// <summary>
/// What the statements of a page touch among 30 days, as the server says of each while it carries it out: EXPLAIN (ANALYZE, FORMAT JSON), by its
/// module auto_explain, so that these are the statements as they are.
/// </summary>
[Collection(PostgresTests.Name)]
public sealed class LogPlansTests(PostgresServer server) : DatabaseTest(server)
{
    private readonly PostgresServer _server = server;

    private const string Other = "log_events_other";
    private const string LastDay = "log_events_20261127";

    private static readonly DateTimeOffset s_end = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero);

    [PostgresFact]
    public async Task No_plan_touches_a_day_that_it_need_not()
    {
        // 30 days with 2,000 events each, of which 1 in 100 is an error, and three days ahead.
        await Database.MakeDaysAsync(s_end.AddDays(-30), 33);
        await Database.ExecuteAsync(
            """
            INSERT INTO log_events (id, timestamp, "offset", partition, log, level, source, key, message)
            SELECT gen_random_uuid(), '2026-11-28 00:00+00'::timestamptz - n * interval '43.2 s', 60000 - n, n % 12, 1,
              CASE WHEN n % 100 = 0 THEN 4 ELSE 2 END, 'source-' || n % 50, 'source-' || n % 50, 'message ' || n
            FROM generate_series(1, 60000) AS n
            """);
        await Database.CountMinutesAsync();
        await Database.ExecuteAsync("ANALYZE");

        // A window.
        Assert.Equal([LastDay], (await TouchedAsync(new() { From = s_end.AddMinutes(-5), To = s_end })).Tables);
        Assert.Equal([LastDay], (await TouchedAsync(new() { From = s_end.AddHours(-4), To = s_end })).Tables);
        Assert.Equal([LastDay], (await TouchedAsync(new() { From = s_end.AddHours(-4), To = s_end, Order = LogOrder.Newest })).Tables);

        // A source: as far as the page goes, 40 events a day.
        var source = await TouchedAsync(new() { From = s_end.AddDays(-30), To = s_end, Source = "source-7" });
        Assert.Equal(["log_events_20261029", "log_events_20261030", "log_events_20261031"], source.Tables);
        Assert.Contains("source", string.Join(' ', source.Indexes), StringComparison.Ordinal);

        // Errors, by an index that has them alone.
        foreach (var filter in (LogFilter[])[new() { MinLevel = Severity.Error }, new() { Level = Severity.Error }, new() { Level = Severity.Critical }])
        {
            var errors = await TouchedAsync(filter with { From = s_end.AddDays(-1), To = s_end });
            Assert.Equal([LastDay], errors.Tables);
            Assert.Contains(await ErrorIndexAsync(), errors.Indexes);
        }

        // Without a window: what may come after the days, those ahead, and the last one that has any.
        var newest = await TouchedAsync(new() { Order = LogOrder.Newest });
        Assert.Equal([LastDay, "log_events_20261128", "log_events_20261129", "log_events_20261130", Other], newest.Tables);
        Assert.Equal([LastDay], (await TouchedAsync(new() { Order = LogOrder.Newest, After = newest.Page.Next })).Tables);
        Assert.Equal(["log_events_20261029", Other], (await TouchedAsync(new())).Tables);

        // A text: counted by the minute, and looked for as far as the page goes.
        Assert.Equal(["log_counts_20261127", LastDay], (await TouchedAsync(new() { From = s_end.AddHours(-4), To = s_end, Contains = "MESSAGE" })).Tables);
    }

    private async Task<string> ErrorIndexAsync() => Assert.Single(await Database.ListAsync<string>(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = $1::regclass AND indpred IS NOT NULL", LastDay));

    /// <summary>The tables and indexes of which anything was read.</summary>
    private async Task<(LogPage Page, string[] Tables, List<string> Indexes)> TouchedAsync(LogFilter filter)
    {
        var lines = new LogLines();
        using var logs = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new Lines(lines)));
        var builder = new NpgsqlDataSourceBuilder(_server.ConnectionString(new NpgsqlConnectionStringBuilder(Database.ConnectionString).Database!));
        builder.ConnectionStringBuilder.Options =
            "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_analyze=on -c auto_explain.log_format=json -c client_min_messages=log";
        builder.UseLoggerFactory(logs);
        await using var database = builder.Build();

        var page = await new LogQuery(database).RunAsync(filter, CancellationToken.None);

        var plans = lines.All.Where(line => line.Contains("plan:", StringComparison.Ordinal)).Select(line => line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)]).ToList();
        var read = plans.SelectMany(plan => ReadIn(JsonElement.Parse(plan).GetProperty("Plan"))).ToList();
        Assert.NotEmpty(read);
        return (
            page,
            [.. read.Select(node => node.Table).Where(table => table.StartsWith("log_", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)],
            [.. read.Select(node => node.Index).OfType<string>().Distinct()]);
    }

    private static IEnumerable<(string Table, string? Index)> ReadIn(JsonElement node)
    {
        if (node.GetProperty("Actual Loops").GetInt64() == 0)
        {
            yield break;
        }

        var index = node.TryGetProperty("Index Name", out var name) ? name.GetString() : null;
        if (index is not null || node.TryGetProperty("Relation Name", out _))
        {
            yield return (node.TryGetProperty("Relation Name", out var table) ? table.GetString()! : "", index);
        }

        if (node.TryGetProperty("Plans", out var plans))
        {
            foreach (var inner in plans.EnumerateArray().SelectMany(ReadIn))
            {
                yield return inner;
            }
        }
    }

    private sealed class Lines(LogLines lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => lines;

        public void Dispose()
        {
        }
    }
}
