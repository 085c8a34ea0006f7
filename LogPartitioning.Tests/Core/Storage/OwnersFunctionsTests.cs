using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Core.Storage;

/// <summary>The functions by which services make and drop days, as SQL.</summary>
[Collection(PostgresTests.Name)]
public sealed class OwnersFunctionsTests(PostgresServer server) : DatabaseTest(server)
{
    private const string Event = "INSERT INTO log_events VALUES (gen_random_uuid(), '2020-01-01 12:00:00+00', 1, now(), 0, 1, 1, 's', 's', 'm')";

    [PostgresFact]
    public async Task A_day_that_was_detached_stays_and_what_comes_for_it_lies_beside_the_days()
    {
        await Database.ExecuteAsync(
            $"""
            SELECT make_log_day('2020-01-01');
            {Event};
            ALTER TABLE log_events DETACH PARTITION log_events_20200101;
            ALTER TABLE log_counts DETACH PARTITION log_counts_20200101;
            ALTER TABLE log_event_ids DETACH PARTITION log_event_ids_20200101
            """);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Database.ExecuteAsync("SELECT make_log_day('2020-01-01')"));
        await Database.ExecuteAsync(Event);
        Assert.Equal(0, await Database.CountAsync("SELECT events FROM delete_log_events('2020-01-01', '2021-01-01', NULL, 10)"));
        Assert.Equal(0, await Database.CountAsync("SELECT events + bytes FROM drop_log_day('2020-01-01')"));
        Assert.Equal(0, await Database.CountAsync("SELECT ids + bytes FROM drop_log_ids('2020-01-01', '2021-01-01')"));

        Assert.Equal(PostgresErrorCodes.DuplicateTable, refused.SqlState);
        Assert.Contains("log_event_ids_20200101 is there, and is no partition of log_event_ids", refused.MessageText, StringComparison.Ordinal);
        Assert.Contains("goes to log_event_ids_other", refused.Hint, StringComparison.Ordinal);
        Assert.Equal(3, await Database.CountAsync("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_20200101' AND relkind = 'r'"));
        Assert.Equal(["log_events_other"], await Database.ListAsync<string>("SELECT tableoid::regclass::text FROM log_events"));

        await Database.ExecuteAsync(
            "ALTER TABLE log_events_20200101 RENAME TO kept; ALTER TABLE log_counts_20200101 RENAME TO kept_counts; ALTER TABLE log_event_ids_20200101 RENAME TO kept_ids; SELECT make_log_day('2020-01-01')");
        Assert.Equal(["log_events_20200101"], await Database.ListAsync<string>("SELECT tableoid::regclass::text FROM log_events"));
        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM kept"));
    }

    [PostgresTheory]
    [InlineData("SQL, DMY", "America/New_York")]
    [InlineData("SQL, DMY", "Asia/Kolkata")] // its IST is read as that of another place
    [InlineData("German", "Asia/Kathmandu")]
    public async Task Days_are_those_of_UTC_whatever_the_session_has_set(string dateStyle, string timeZone)
    {
        await Database.ExecuteAsync(
            $"""
            SET datestyle = '{dateStyle}';
            SET timezone = '{timeZone}';
            SELECT make_log_day('2020-02-03'), make_log_day('0001-01-01'), make_log_day('9999-12-30');
            INSERT INTO log_events SELECT gen_random_uuid(), at, 1, now(), 0, 1, 1, 's', 's', 'm' FROM unnest(ARRAY['2020-02-03 11:59:59.999999+00', '2020-02-03 12:00:00+00'::timestamptz]) AS at;
            SELECT FROM delete_log_events('2020-02-03', '2020-02-03 12:00:00+00', NULL, 10)
            """);

        Assert.Equal(
            [
                "log_counts_00010101 FOR VALUES FROM ('0001-01-01 00:00:00+00') TO ('0001-01-02 00:00:00+00')",
                "log_counts_20200203 FOR VALUES FROM ('2020-02-03 00:00:00+00') TO ('2020-02-04 00:00:00+00')",
                "log_counts_99991230 FOR VALUES FROM ('9999-12-30 00:00:00+00') TO ('9999-12-31 00:00:00+00')",
                "log_event_ids_00010101 FOR VALUES IN ('0001-01-01')",
                "log_event_ids_20200203 FOR VALUES IN ('2020-02-03')",
                "log_event_ids_99991230 FOR VALUES IN ('9999-12-30')",
                "log_events_00010101 FOR VALUES FROM ('0001-01-01 00:00:00+00') TO ('0001-01-02 00:00:00+00')",
                "log_events_20200203 FOR VALUES FROM ('2020-02-03 00:00:00+00') TO ('2020-02-04 00:00:00+00')",
                "log_events_99991230 FOR VALUES FROM ('9999-12-30 00:00:00+00') TO ('9999-12-31 00:00:00+00')",
            ],
            await Database.ListAsync<string>(
                """
                SET timezone = 'UTC';
                SELECT format('%s %s', relname, pg_get_expr(relpartbound, oid)) FROM pg_class WHERE relispartition AND relkind = 'r' AND relname ~ '_[0-9]{8}$' ORDER BY relname COLLATE "C"
                """));
        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM log_events WHERE timestamp = '2020-02-03 12:00:00+00'"));
        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM log_events"));
    }

    [PostgresTheory]
    [InlineData("drop_log_day('2020-01-01')")]
    [InlineData("drop_log_ids('2020-01-01', '2020-01-02')")]
    public async Task What_looks_again_after_a_wait_is_refused_where_it_would_see_what_it_saw_before(string call)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Database.ExecuteAsync($"BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM {call}; COMMIT"));

        Assert.Equal(PostgresErrorCodes.InvalidTransactionState, refused.SqlState);
        Assert.Contains("at the isolation level read committed alone", refused.MessageText, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Who_locks_everybody_out_gives_up_sooner_than_who_locks_a_day()
    {
        Assert.Equal(
            ["delete_log_events 2s", "delete_log_ids 2s", "drop_log_day 200ms", "drop_log_ids 200ms", "make_log_day 2s"],
            await Database.ListAsync<string>(
                "SELECT format('%s %s', proname, split_part(setting, '=', 2)) FROM pg_proc, unnest(proconfig) AS setting WHERE pronamespace = 'public'::regnamespace AND setting LIKE 'lock_timeout=%' ORDER BY 1"));
    }
}
