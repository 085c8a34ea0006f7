using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>One id for two events, at the door of the running application and past it.</summary>
[Collection(SharedApplication.Name)]
public sealed class IdConflictTests(ApplicationFixture fixture)
{
    private const string Source = "id-conflict";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task The_first_event_stands_a_retry_is_known_and_another_event_is_refused_or_set_aside()
    {
        var first = new LogEvent(Guid.CreateVersion7(), Source, Severity.Warning, "first", new(DateTime.UtcNow.Date, TimeSpan.Zero), """{"a": 1}""");
        var (status, answer) = await PostAsync(first);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.True((await PostAsync(first)).Body.GetProperty("duplicate").GetBoolean());
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(first with { Message = "second" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(first with { Source = "another" })).Status);

        // Past the door, as by a producer that does not know of it yet: a retry, and another event.
        var retry = await ProduceAsync(first);
        var other = await ProduceAsync(first with { Message = "second" });
        var moved = first with { Timestamp = first.Timestamp.AddSeconds(1) };
        var received = await ProduceAsync(moved);
        var sent = await ProduceAsync(moved, SentHeader());

        var letter = await Eventually.SeesAsync("the dead letter", token => LetterAsync(other, token), found => found is not null, s_patience);
        Assert.Equal("id_conflict", letter!.Value.GetProperty("reason").GetString());
        Assert.Equal(
            $"an event with other content is stored with the id {first.Id}, at partition {answer.GetProperty("partition").GetInt32()}, offset {answer.GetProperty("offset").GetInt64()}",
            letter.Value.GetProperty("detail").GetString());
        if (KafkaAccess.HasHeaders)
        {
            letter = await Eventually.SeesAsync("the dead letter of another timestamp", token => LetterAsync(sent, token), found => found is not null, s_patience);
            Assert.StartsWith($"an event with another timestamp is stored with the id {first.Id}", letter!.Value.GetProperty("detail").GetString(), StringComparison.Ordinal);
            // Set aside with a record behind it, so this was decided before.
            Assert.Null(await LetterAsync(received, CancellationToken.None));
        }

        Assert.Null(await LetterAsync(retry, CancellationToken.None));
        Assert.Equal(1, await _application.Logs.CountAsync("SELECT count(*) FROM log_events WHERE id = $1 AND message = 'first'", first.Id));
    }

    private static Headers? SentHeader()
    {
        if (!KafkaAccess.HasHeaders)
        {
            return null;
        }

        var headers = new Headers();
        SentTimestamp.Add(headers);
        return headers;
    }

    private async Task<TopicPartitionOffset> ProduceAsync(LogEvent e, Headers? headers = null)
    {
        var kafka = KafkaAccess.OptionsOf(_application);
        using var producer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(_application, new ProducerConfig())).Build();
        var placed = await producer.ProduceAsync(
            new TopicPartition(kafka.Topic, KeyPartitioner.PartitionOf(e.Source, kafka.Partitions)),
            new() { Key = e.Source, Value = LogEventJson.Serialize(e), Headers = headers });
        return placed.TopicPartitionOffset;
    }

    private async Task<JsonElement?> LetterAsync(TopicPartitionOffset place, CancellationToken cancellationToken)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await _application.Gateway.GetFromJsonAsync<JsonElement>($"/api/dead-letters?limit=100&cursor={cursor}", cancellationToken);
            foreach (var item in page.GetProperty("items").EnumerateArray())
            {
                var origin = item.GetProperty("origin");
                if (origin.GetProperty("partition").GetInt32() == place.Partition.Value && origin.GetProperty("offset").GetInt64() == place.Offset.Value)
                {
                    return item;
                }
            }

            cursor = page.GetProperty("next").GetString();
        }

        return null;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(LogEvent e)
    {
        using var answer = await _application.Gateway.PostAsJsonAsync("/api/logs", new
        {
            id = e.Id,
            source = e.Source,
            level = e.Level.ToString(),
            message = e.Message,
            timestamp = e.Timestamp,
            attributes = JsonElement.Parse(e.Attributes!),
        });
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
