using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can come in, and what can happen to the producer that takes it.</summary>
internal static class InputFaults
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<FaultRow> ProducerKilledAsync(RunningApplication application, int kills, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(
            application, 7, $"the producer killed {kills} times while its writes wait for the brokers, and clients retry with the same ids", output);
        var duplicatesBefore = await DuplicatesAsync(application, CancellationToken.None);
        for (var kill = 0; kill < kills; kill++)
        {
            var fault = run.Fault();
            await KillWithWritesUnansweredAsync(run);
            await application.StartAsync("producer");
            fault.End();
            await run.FlowsAsync(300);
        }

        var duplicates = await Eventually.SeesAsync(
            "events that were written before and after a retry",
            // The producer counts from its last start.
            async token => await DuplicatesAsync(application, token) - duplicatesBefore
                + await ServiceMetrics.CounterAsync(application, "producer", "log_events_duplicate_total", token),
            more => more > 0,
            Patience);
        run.Note($"{run.Load.Retried} events sent again, of which {duplicates:0} had been written before");
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> PoisonAsync(RunningApplication application, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(
            application, 9, "poison among good records in every partition: malformed JSON, no bytes, wrong UTF-8, too large, no key", output);
        var kafka = KafkaAccess.OptionsOf(application);
        run.Fault();
        var sent = await SendPoisonAsync(application, kafka.Topic, kafka.Partitions);
        await run.FlowsAsync();
        var letters = await Eventually.SeesAsync(
            $"{sent.Count} dead letters",
            token => DeadLettersAsync(application, sent.Keys.ToHashSet(), token),
            found => found.Count == sent.Count,
            Patience);
        foreach (var (place, reason) in sent)
        {
            Assert.Equal(reason, letters[place].Reason);
        }

        run.Note($"{sent.Count} dead letters, each with its reason");
        await ReplayAsync(run, sent.Keys.First());
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> ClockJumpsAsync(RunningApplication application, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(
            application, 11, "event timestamps an hour ahead and weeks ago", output,
            (now, sequence) => (sequence % 4) switch
            {
                0 => now,
                1 => now.AddHours(1),
                // Within what the store keeps: what is older is refused at the door.
                2 => now.AddDays(-29),
                _ => now.AddHours(-(sequence % 600)),
            });
        run.Fault();
        await run.FlowsAsync(2000);
        var (ahead, past) = await TimestampsAsync(run);
        Assert.True(ahead > 0 && past > 0, $"Of the stored events {ahead} are ahead and {past} weeks behind.");
        run.Note($"{ahead} events ahead of the clock, {past} four weeks behind it");
        return await run.FinishAsync();
    }

    /// <summary>
    /// Two brokers are frozen, so that what the producer has sent is written on the third (and read by the two when they
    /// go on) and not acknowledged when the producer dies.
    /// </summary>
    private static async Task KillWithWritesUnansweredAsync(FaultRun run)
    {
        int[] brokers = [run.Application.ProcessId("kafka-2"), run.Application.ProcessId("kafka-3")];
        try
        {
            Array.ForEach(brokers, ProcessSignal.Stop);
            await run.StandsStillAsync();
            await run.Application.KillAsync("producer");
        }
        finally
        {
            Array.ForEach(brokers, ProcessSignal.Continue);
        }
    }

    private static async Task<double> DuplicatesAsync(RunningApplication application, CancellationToken cancellationToken) =>
        (await ServiceMetrics.CountersAsync(application, "log_events_duplicate_total", cancellationToken)).Values.Sum();

    /// <returns>How many stored events say that they are of the future, and how many that they are weeks old.</returns>
    private static async Task<(long Ahead, long Past)> TimestampsAsync(FaultRun run)
    {
        await using var command = run.Application.Logs.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE timestamp > stored_at + interval '50 minutes'),
                   count(*) FILTER (WHERE timestamp < stored_at - interval '4 weeks')
            FROM log_events WHERE starts_with(source, $1)
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = run.Prefix });
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Five kinds of poison into each partition, and the reason that each must be set aside for.</summary>
    private static async Task<Dictionary<(int Partition, long Offset), string>> SendPoisonAsync(
        RunningApplication application, string topic, int partitions)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(
            KafkaAccess.Configure(application, new ProducerConfig { MessageMaxBytes = 2_000_000 })).Build();
        var key = Encoding.UTF8.GetBytes("poison");
        var good = new LogEvent(Guid.NewGuid(), "poison", Severity.Error, "m", DateTimeOffset.UtcNow, null);
        (byte[]? Key, byte[]? Value, string Reason)[] kinds =
        [
            (key, "{\"id\": "u8.ToArray(), "malformed_json"),
            (key, [], "empty_value"),
            (key, [0x7b, 0xff, 0xfe, 0x7d], "not_utf8"),
            (key, LogEventJson.Serialize(good with { Message = new string('x', 200_000) }), "too_large"),
            (null, LogEventJson.Serialize(good with { Id = Guid.NewGuid() }), "missing_key"),
        ];
        var sent = new Dictionary<(int, long), string>();
        for (var partition = 0; partition < partitions; partition++)
        {
            foreach (var (poisonKey, value, reason) in kinds)
            {
                var placed = await producer.ProduceAsync(
                    new TopicPartition(topic, partition), new Message<byte[]?, byte[]?> { Key = poisonKey, Value = value });
                sent.Add((placed.Partition.Value, placed.Offset.Value), reason);
            }
        }

        return sent;
    }

    /// <summary>The dead letters of the given places, over all pages.</summary>
    private static async Task<Dictionary<(int Partition, long Offset), Letter>> DeadLettersAsync(
        RunningApplication application, HashSet<(int, long)> places, CancellationToken cancellationToken)
    {
        var found = new Dictionary<(int, long), Letter>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await application.Gateway.GetFromJsonAsync<JsonElement>($"/api/dead-letters?limit=100&cursor={cursor}", cancellationToken);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                var origin = item.GetProperty("origin");
                var place = (origin.GetProperty("partition").GetInt32(), origin.GetProperty("offset").GetInt64());
                if (places.Contains(place))
                {
                    found[place] = new Letter(item.GetProperty("reason").GetString()!, item.GetProperty("replay").ValueKind != JsonValueKind.Null);
                }
            }

            cursor = page.GetProperty("next").GetString();
        }

        return found;
    }

    /// <summary>One of them, corrected, goes through again; a second time it does not.</summary>
    private static async Task ReplayAsync(FaultRun run, (int Partition, long Offset) place)
    {
        var id = Guid.NewGuid();
        var body = new
        {
            items = new[]
            {
                new { topic = "log-events", partition = place.Partition, offset = place.Offset, @event = new { id, source = "poison", message = "corrected" } },
            },
        };
        Assert.Equal("replayed", await ReplayStatusAsync(run.Application, body));
        Assert.Equal("alreadyReplayed", await ReplayStatusAsync(run.Application, body));
        await Eventually.SeesAsync(
            "the corrected event in the store",
            _ => run.Application.Logs.CountAsync("SELECT count(*) FROM log_events WHERE id = $1 AND message = 'corrected'", id),
            rows => rows == 1,
            Patience);
        var letters = await DeadLettersAsync(run.Application, [place], CancellationToken.None);
        Assert.True(letters[place].Replayed, "The dead letter does not say that it was replayed.");
    }

    private static async Task<string?> ReplayStatusAsync(RunningApplication application, object body)
    {
        using var answer = await application.Gateway.PostAsJsonAsync("/api/dead-letters/replay", body);
        answer.EnsureSuccessStatusCode();
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return json.GetProperty("results")[0].GetProperty("status").GetString();
    }

    private sealed record Letter(string Reason, bool Replayed);
}
