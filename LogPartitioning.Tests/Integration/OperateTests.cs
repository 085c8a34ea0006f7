using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>An operator pauses partitions, moves their positions and has them read again: nothing is stored twice, and nothing is dropped without a trace.</summary>
[Collection(SharedApplication.Name)]
public sealed class OperateTests(ApplicationFixture fixture) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RunningApplication _application = fixture.Application;
    private readonly KafkaOptions _kafka = KafkaAccess.OptionsOf(fixture.Application);
    private readonly string _source = $"operate-{Guid.NewGuid():N}"[..20];

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Others share the application: nothing stays paused.</summary>
    public async Task DisposeAsync() => (await PostAsync("resume", new { partitions = "all" })).Dispose();

    [ServerFact]
    public async Task A_pause_stops_storing_of_its_partition_alone_and_after_it_all_is_stored_once()
    {
        Produce(3, 20);
        Produce(4, 20);
        await SeesStoredAsync(3, 20);
        await SeesStoredAsync(4, 20);

        await AcceptsAsync("pause", new { partitions = Only(3), reason = "the disk is being changed" });
        Produce(3, 50);
        Produce(4, 50);

        await SeesStoredAsync(4, 70);
        var shown = await StandingAsync(3);
        Assert.Equal(("paused", 50, "the disk is being changed"), (shown.GetProperty("state").GetString(), shown.GetProperty("lag").GetInt64(), shown.GetProperty("reason").GetString()));
        await Eventually.SeesAsync(
            "a warning, and no more than that",
            async token => (await GetAsync("/api/consumer/lag", token)).GetProperty("partitions")[3],
            lag => lag.GetProperty("verdict").GetString() == "WARN" && lag.GetProperty("reason").GetString()!.StartsWith("paused by an operator since ", StringComparison.Ordinal),
            Patience);
        Assert.Equal("degraded", (await GetAsync("/api/consumer/health")).GetProperty("status").GetString());
        var halted = (await GetAsync("/api/consumer/halted")).GetProperty("items").EnumerateArray().Single();
        Assert.Equal((3, "paused", "retry"), (halted.GetProperty("partition").GetInt32(), halted.GetProperty("cause").GetString(), halted.GetProperty("actions")[0].GetString()));
        Assert.Equal(20, await StoredAsync(3));

        await AcceptsAsync("resume", new { partitions = Only(3) });
        await SeesStoredAsync(3, 70);
        await SeesReadToTheEndAsync(3);
        using var again = await PostAsync("resume", new { partitions = "all" });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
    }

    [ServerFact]
    public async Task A_pause_outlasts_a_restart_also_of_a_partition_that_nobody_ever_claimed()
    {
        Produce(7, 20);
        await SeesStoredAsync(7, 20);
        await Task.WhenAll(_application.Consumers.Select(_application.StopAsync));
        await _application.Logs.ExecuteAsync("DELETE FROM consumer_offsets WHERE partition = 7");

        await AcceptsAsync("pause", new { partitions = Only(7) });
        foreach (var consumer in _application.Consumers)
        {
            var started = await _application.TryCommandAsync(consumer, KnownResourceCommands.StartCommand, CancellationToken.None);
            Assert.True(started.Success, started.Message);
        }

        Produce(8, 10);
        await SeesStoredAsync(8, 10);
        var owned = await Eventually.SeesAsync(
            "the partition owned", token => StandingAsync(7, token), shown => shown.GetProperty("owner").ValueKind == JsonValueKind.String, Patience);
        Assert.Equal(("paused", 0), (owned.GetProperty("state").GetString(), owned.GetProperty("stored").GetInt64()));

        // The older way to say so.
        using var resumed = await _application.Gateway.PostAsJsonAsync("/api/consumer/halted/resume", new { partitions = Only(7), action = "retry" });
        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        await SeesReadToTheEndAsync(7);
        Assert.Equal(20, await StoredAsync(7));
    }

    [KafkaFact]
    public async Task A_position_that_is_moved_back_stores_nothing_twice()
    {
        Produce(5, 150);
        await SeesStoredAsync(5, 150);
        await SeesReadToTheEndAsync(5);
        var before = await CountedAsync(5);
        var preview = await PreviewAsync(5, new { partitions = Only(5), shiftBy = -100 });
        var from = preview.GetProperty("from").GetInt64();
        Assert.Equal(("back", 100, from - 100), (preview.GetProperty("direction").GetString(), preview.GetProperty("records").GetInt64(), preview.GetProperty("to").GetInt64()));
        Assert.InRange(preview.GetProperty("firstAt").GetDateTimeOffset(), DateTimeOffset.UtcNow - TimeSpan.FromMinutes(5), DateTimeOffset.UtcNow);
        using (var read = await MoveAsync(5, -100, from))
        {
            Assert.Equal(HttpStatusCode.Conflict, read.StatusCode);
            Assert.Contains("Pause first", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await AcceptsAsync("pause", new { partitions = Only(5) });
        using (var elsewhere = await MoveAsync(5, -100, from + 1))
        {
            Assert.Equal(HttpStatusCode.Conflict, elsewhere.StatusCode);
        }

        Assert.Equal(from, (await StandingAsync(5)).GetProperty("stored").GetInt64());
        using (var moved = await MoveAsync(5, -100, from))
        {
            Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        }

        Assert.Equal((from - 100, 100), ((await StandingAsync(5)).GetProperty("stored").GetInt64(), (await StandingAsync(5)).GetProperty("lag").GetInt64()));
        await AcceptsAsync("resume", new { partitions = Only(5) });

        await SeesReadToTheEndAsync(5);
        Assert.Equal(150, await StoredAsync(5));
        Assert.Equal(before, await CountedAsync(5));
    }

    [ServerFact]
    public async Task What_a_move_forward_skips_is_on_record_until_the_position_is_moved_back()
    {
        Produce(6, 20);
        await SeesStoredAsync(6, 20);
        await SeesReadToTheEndAsync(6);
        await AcceptsAsync("pause", new { partitions = Only(6) });
        Produce(6, 80);
        var preview = await PreviewAsync(6, new { partitions = Only(6), to = "end" });
        var from = preview.GetProperty("from").GetInt64();
        Assert.Equal(("forward", 80), (preview.GetProperty("direction").GetString(), preview.GetProperty("records").GetInt64()));

        await AcceptsAsync("move", new { partitions = Only(6), to = "end", expected = Expected(6, from) });
        Assert.Equal([(from, from + 80)], await SkippedAsync(6));
        await AcceptsAsync("resume", new { partitions = Only(6) });
        Produce(6, 5);
        await SeesStoredAsync(6, 25);
        await SeesReadToTheEndAsync(6);

        // Half of it is read after all.
        await AcceptsAsync("pause", new { partitions = Only(6) });
        await AcceptsAsync("move", new { partitions = Only(6), toOffset = from + 40, expected = Expected(6, from + 85) });
        Assert.Equal([(from, from + 40)], await SkippedAsync(6));
        await AcceptsAsync("resume", new { partitions = Only(6) });
        await SeesStoredAsync(6, 65);
        await SeesReadToTheEndAsync(6);

        await AcceptsAsync("pause", new { partitions = Only(6) });
        await AcceptsAsync("move", new { partitions = Only(6), toOffset = from, expected = Expected(6, from + 85) });
        Assert.Empty(await SkippedAsync(6));
        await AcceptsAsync("resume", new { partitions = Only(6) });
        await SeesStoredAsync(6, 105);
        await SeesReadToTheEndAsync(6);
        Assert.Equal(105, await StoredAsync(6));
    }

    [ServerFact]
    public async Task A_partition_that_is_halted_for_another_cause_is_not_paused_and_one_that_is_not_there_neither()
    {
        using var unknown = await PostAsync("pause", new { partitions = Only(1, _kafka.Partitions) });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unknown.StatusCode);
        await _application.Logs.ExecuteAsync("UPDATE consumer_offsets SET halted = 'too_many_refused', halted_detail = 'by a test', halted_at = now(), epoch = epoch + 1 WHERE partition = 9");
        try
        {
            using var named = await PostAsync("pause", new { partitions = Only(8, 9) });
            Assert.Equal(HttpStatusCode.Conflict, named.StatusCode);
            Assert.Contains("partition 9 is halted (too_many_refused)", await named.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.NotEqual("paused", (await StandingAsync(8)).GetProperty("state").GetString());
        }
        finally
        {
            using var resumed = await _application.Gateway.PostAsJsonAsync("/api/consumer/halted/resume", new { partitions = Only(9), action = "retry" });
            Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        }

        Produce(9, 5);
        await SeesStoredAsync(9, 5);
    }

    private static int[] Only(params int[] partitions) => partitions;

    private void Produce(int partition, int events)
    {
        using var writer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(_application, new ProducerConfig())).Build();
        for (var i = 0; i < events; i++)
        {
            writer.Produce(new TopicPartition(_kafka.Topic, partition), new()
            {
                Key = _source,
                Value = JsonSerializer.SerializeToUtf8Bytes(new { id = Guid.CreateVersion7(), source = _source, level = "Information", message = $"event {i}", timestamp = DateTimeOffset.UtcNow }),
            });
        }

        writer.Flush(Patience);
    }

    private async Task<JsonElement> GetAsync(string path, CancellationToken token = default) => await _application.Gateway.GetFromJsonAsync<JsonElement>(path, token);

    private async Task<JsonElement> StandingAsync(int partition, CancellationToken token = default) =>
        (await GetAsync("/api/operate", token)).GetProperty("partitions").EnumerateArray().Single(p => p.GetProperty("partition").GetInt32() == partition);

    private Task<HttpResponseMessage> PostAsync(string command, object body) => _application.Gateway.PostAsJsonAsync($"/api/operate/{command}", body);

    private async Task AcceptsAsync(string command, object body)
    {
        using var answer = await PostAsync(command, body);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{command}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<JsonElement> PreviewAsync(int partition, object body)
    {
        using var answer = await PostAsync("move/preview", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("partitions").EnumerateArray().Single(p => p.GetProperty("partition").GetInt32() == partition);
    }

    private Task<HttpResponseMessage> MoveAsync(int partition, long by, long expected) =>
        PostAsync("move", new { partitions = Only(partition), shiftBy = by, expected = Expected(partition, expected) });

    private static Dictionary<string, long> Expected(int partition, long from) => new() { [partition.ToString(CultureInfo.InvariantCulture)] = from };

    private async Task<IReadOnlyList<(long From, long To)>> SkippedAsync(int partition) =>
        [.. (await GetAsync("/api/consumer/gaps")).GetProperty("items").EnumerateArray()
            .Where(gap => gap.GetProperty("partition").GetInt32() == partition && gap.GetProperty("cause").GetString() == "skipped")
            .Select(gap => (gap.GetProperty("from").GetInt64(), gap.GetProperty("to").GetInt64()))];

    private Task<long> StoredAsync(int partition) =>
        _application.Logs.CountAsync($"SELECT count(*) FROM log_events WHERE partition = {partition} AND source = $1", _source);

    private Task<long> CountedAsync(int partition) => _application.Logs.CountAsync($"SELECT coalesce(sum(events), 0)::bigint FROM log_counts WHERE partition = {partition}");

    private Task<long> SeesStoredAsync(int partition, long events) =>
        Eventually.SeesAsync($"{events} events of partition {partition} stored", _ => StoredAsync(partition), stored => stored == events, Patience);

    private Task<JsonElement> SeesReadToTheEndAsync(int partition) => Eventually.SeesAsync(
        $"partition {partition} read to its end",
        token => StandingAsync(partition, token),
        shown => shown.GetProperty("lag").GetInt64() == 0 && shown.GetProperty("state").GetString() == "running",
        Patience);
}
