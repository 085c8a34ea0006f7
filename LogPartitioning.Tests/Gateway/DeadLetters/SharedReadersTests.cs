using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Gateway.DeadLetters;

/// <summary>Many requests for dead letters, and few Kafka clients, with a real broker.</summary>
[Collection(KafkaTests.Name)]
public sealed class SharedReadersTests(KafkaServer server)
{
    private const int Partitions = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private ClientConfig Config => new() { BootstrapServers = server.BootstrapServers };

    [KafkaFact]
    public async Task Two_hundred_requests_at_once_are_served_by_a_few_clients_or_told_to_come_again()
    {
        var topic = await FilledTopicAsync(records: 30, bytes: 300_000);
        await using var gateway = await GatewayAlone.StartAsync(
            null, ("ConnectionStrings:kafka", server.BootstrapServers), ("Kafka:DeadLetterTopic", topic));
        var clients = gateway.Services.GetRequiredService<HistoryClients>();
        var most = 0;

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var answer = await gateway.Client.GetAsync("/api/dead-letters?limit=200");
            most = Math.Max(most, clients.Pages.Open);
            var body = await answer.Content.ReadAsByteArrayAsync();
            return (answer.StatusCode, answer.Headers.RetryAfter, Body: body);
        }));

        Assert.InRange(most, 1, HistoryClients.MaxPageClients);
        var pages = answers.Where(a => a.StatusCode == HttpStatusCode.OK).ToList();
        Assert.NotEmpty(pages);
        // Base64 and text of what is no more than a page.
        Assert.All(pages, page => Assert.InRange(page.Body.Length, 1, 3 * DeadLetterReader.MaxPageBytes));
        Assert.All(answers.Except(pages), refused =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.RetryAfter);
            Assert.EndsWith("Try again soon.", JsonNode.Parse(refused.Body)!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        });

        // And page by page all of them, each once.
        var seen = new List<(int, long)>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = JsonNode.Parse(await gateway.Client.GetStringAsync($"/api/dead-letters?limit=200&cursor={cursor}"))!;
            seen.AddRange(page["items"]!.AsArray().Select(item => (item!["place"]!["partition"]!.GetValue<int>(), item["place"]!["offset"]!.GetValue<long>())));
            cursor = page["next"]?.GetValue<string>();
        }
        Assert.Equal(30, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [KafkaFact]
    public async Task A_client_reads_for_one_request_after_the_other_whatever_each_wants()
    {
        var topic = await FilledTopicAsync(records: 60, bytes: 100);
        using var bounds = new TopicBoundsReader(Config);
        using var readers = Readers(TimeProvider.System);
        var reader = new DeadLetterReader(readers, readers, bounds, topic);

        var whole = (await reader.ReadPageAsync(OffsetsCursor.Start, 200, null, CancellationToken.None)).Items.Select(Place).ToList();
        for (var from = 0; from < 20; from += 3)
        {
            // Other places of the same partitions, in the midst of what the request before left unread.
            var cursor = new OffsetsCursor([new(0, from), new(1, 19), new(2, 20)]);
            var page = await reader.ReadPageAsync(cursor, 5, null, CancellationToken.None);
            Assert.Equal(whole.Where(p => p.Offset >= cursor.Offsets[p.Partition]).Take(5), page.Items.Select(Place));
        }
        Assert.Equal(60, whole.Count);
        Assert.Equal(1, readers.Open);

        static (int Partition, long Offset) Place(DeadLetterRecord record) => (record.Partition, record.Offset);
    }

    [KafkaFact]
    public async Task Pages_of_one_reason_give_those_alone_and_all_of_them_however_far_apart_they_are()
    {
        // More than a page looks at, and one at the very end of them.
        var topic = await FilledTopicAsync(records: 60, bytes: 100);
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(new Dictionary<string, string>(Config))).Build();
        var at = DateTimeOffset.UtcNow;
        for (var i = 0; i <= DeadLetterReader.MaxLooked; i++)
        {
            Produce(0, "other");
        }
        Produce(0, "wanted");
        Produce(1, "other");
        Produce(1, "wanted");
        producer.Flush(Patience);
        using var bounds = new TopicBoundsReader(Config);
        using var readers = Readers(TimeProvider.System);
        var reader = new DeadLetterReader(readers, readers, bounds, topic);

        foreach (var order in new[] { OffsetsCursor.Start, OffsetsCursor.End })
        {
            var (wanted, pages) = await ReadAllAsync("wanted", order);
            Assert.Equal([(0, 20L + DeadLetterReader.MaxLooked + 1), (1, 21L)], wanted.Order());
            Assert.InRange(pages, 2, 10);
            var unreadable = (await ReadAllAsync(DeadLetterRecord.Unreadable, order)).Places;
            Assert.Equal((60, 60), (unreadable.Count, unreadable.Distinct().Count()));
            Assert.Empty((await ReadAllAsync("none", order)).Places);
        }

        void Produce(int partition, string reason) => producer.Produce(
            new TopicPartition(topic, partition),
            new Message<Null, byte[]> { Value = new DeadLetter("log-events", partition, 0, reason, null, at, null, [1]).Serialize() });

        async Task<(List<(int Partition, long Offset)> Places, int Pages)> ReadAllAsync(string reason, OffsetsCursor first)
        {
            var places = new List<(int, long)>();
            var read = 0;
            for (OffsetsCursor? cursor = first; cursor is not null; read++)
            {
                Assert.True(read < 50, $"50 pages of {reason} and no end");
                var page = await reader.ReadPageAsync(cursor, 50, reason, CancellationToken.None);
                Assert.All(page.Items, item => Assert.Equal(reason, item.Reason));
                places.AddRange(page.Items.Select(item => (item.Partition, item.Offset)));
                cursor = page.Next;
            }
            return (places, read);
        }
    }

    [KafkaFact]
    public async Task Pages_newest_first_give_each_letter_once_though_new_ones_come_meanwhile()
    {
        var topic = await FilledTopicAsync(records: 0, bytes: 0);
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(new Dictionary<string, string>(Config))).Build();
        var at = new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);
        var random = new Random(20261129);
        for (var i = 0; i < 300; i++)
        {
            // Most in one partition, some of them large, some next to each other.
            Produce(i, random.Next(10) switch { < 7 => 0, < 9 => 1, _ => 2 }, random.Next(20) == 0 ? 200_000 : 10);
        }
        producer.Flush(Patience);
        using var bounds = new TopicBoundsReader(Config);
        using var readers = Readers(TimeProvider.System);
        var reader = new DeadLetterReader(readers, readers, bounds, topic);

        var oldest = await ReadAllAsync(OffsetsCursor.Start, 9, () => { });
        Assert.Equal(Enumerable.Range(0, 300), oldest);
        var later = 300;
        foreach (var limit in new[] { 1, 9, 200 })
        {
            var there = later;
            var newest = await ReadAllAsync(OffsetsCursor.End, limit, () =>
            {
                Produce(later++, 1, 10);
                producer.Flush(Patience);
            });
            Assert.Equal(Enumerable.Range(0, there).Reverse(), newest);
        }

        void Produce(int number, int partition, int bytes) => producer.Produce(
            new TopicPartition(topic, partition),
            new Message<Null, byte[]> { Value = new DeadLetter("log-events", partition, number, "other", null, at.AddSeconds(number), null, new byte[bytes]).Serialize() });

        async Task<IReadOnlyList<int>> ReadAllAsync(OffsetsCursor first, int limit, Action afterEach)
        {
            var numbers = new List<int>();
            for (OffsetsCursor? cursor = first; cursor is not null; afterEach())
            {
                var page = await reader.ReadPageAsync(cursor, limit, null, CancellationToken.None);
                Assert.InRange(page.Items.Count, 1, limit);
                Assert.InRange(page.Items.Sum(item => item.Bytes), 1, DeadLetterReader.MaxPageBytes);
                numbers.AddRange(page.Items.Select(item => (int)item.Letter!.Offset));
                cursor = page.Next;
            }
            return numbers;
        }
    }

    [KafkaFact]
    public async Task Letters_of_which_a_page_holds_one_come_each_by_itself_in_both_orders()
    {
        var topic = await FilledTopicAsync(records: 9, bytes: 700_000);
        using var bounds = new TopicBoundsReader(Config);
        using var readers = Readers(TimeProvider.System);
        var reader = new DeadLetterReader(readers, readers, bounds, topic);

        foreach (var first in new[] { OffsetsCursor.Start, OffsetsCursor.End })
        {
            var places = new List<(int, long)>();
            for (OffsetsCursor? cursor = first; cursor is not null;)
            {
                var page = await reader.ReadPageAsync(cursor, 50, null, CancellationToken.None);
                var item = Assert.Single(page.Items);
                Assert.Equal(700_000, item.Raw!.Length);
                places.Add((item.Partition, item.Offset));
                cursor = page.Next;
            }
            Assert.Equal(9, places.Distinct().Count());
            Assert.Equal(9, places.Count);
        }
    }

    [Fact]
    public async Task An_order_that_is_none_and_a_cursor_of_the_other_order_are_refused_in_words()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        Assert.Equal("must be oldest or newest", await RefusalAsync("order=upwards", "order"));
        Assert.Equal("must be oldest or newest", await RefusalAsync("order=", "order"));
        Assert.Equal("is one of order=newest; ask for that order, or start again without it", await RefusalAsync($"cursor={OffsetsCursor.End}", "cursor"));
        Assert.Equal("is one of order=oldest; ask for that order, or start again without it", await RefusalAsync($"order=newest&cursor={OffsetsCursor.Start}", "cursor"));

        async Task<string> RefusalAsync(string query, string field)
        {
            using var answer = await gateway.Client.GetAsync($"/api/dead-letters?{query}");
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]![field]!.AsArray().Single()!.GetValue<string>();
        }
    }

    [KafkaFact]
    public async Task Letters_are_found_wherever_they_stand_and_none_that_is_older_than_asked_for()
    {
        const int Letters = 12_000;
        var topic = await FilledTopicAsync(records: 6, bytes: 100);
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(new Dictionary<string, string>(Config)) { QueueBufferingMaxMessages = 2 * Letters }).Build();
        for (var i = 0; i < Letters; i++)
        {
            var letter = new DeadLetter("log-events", 7, i, "malformed", null, DateTimeOffset.UtcNow, null, [1]);
            // All in one partition but for some, so that the pieces of the others end before.
            producer.Produce(new TopicPartition(topic, i % 100 == 0 ? 1 : 0), new Message<Null, byte[]> { Value = letter.Serialize() });
        }
        producer.Flush(Patience);
        using var bounds = new TopicBoundsReader(Config);
        using var readers = Readers(TimeProvider.System);
        var reader = new DeadLetterReader(readers, readers, bounds, topic);

        // The ends, and both sides of where pieces may meet.
        long[] there = [0, 1, 99, 100, 101, 1_497, 1_498, 1_499, 1_500, 9_400, 9_401, 11_494, 11_495, 11_496, 11_497, Letters - 1];
        var found = await reader.FindAsync([.. there.Select(Origin), Origin(Letters), new("log-events", 6, 5)], since: null, CancellationToken.None);

        Assert.Equal(there, found.Keys.Select(origin => origin.Offset).Order());
        Assert.All(found, one => Assert.Equal(one.Key.Offset, one.Value!.Offset));
        Assert.Single(await reader.FindAsync([Origin(0)], DateTimeOffset.UtcNow - TimeSpan.FromHours(1), CancellationToken.None));
        Assert.Empty(await reader.FindAsync([Origin(Letters - 1)], DateTimeOffset.UtcNow + TimeSpan.FromHours(1), CancellationToken.None));

        static DeadLetterOrigin Origin(long offset) => new("log-events", 7, offset);
    }

    [KafkaFact]
    public async Task Who_goes_away_gives_the_place_back_and_who_waits_too_long_is_told()
    {
        using var readers = Readers(TimeProvider.System);
        var first = new TaskCompletionSource<int>();
        var reading = readers.ReadAsync(_ => first.Task, CancellationToken.None);
        using var going = new CancellationTokenSource();
        var leaving = readers.ReadAsync(_ => Task.FromResult(2), going.Token);

        await Assert.ThrowsAsync<BusyException>(() => readers.ReadAsync(_ => Task.FromResult(3), CancellationToken.None));
        await going.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        var staying = readers.ReadAsync(_ => Task.FromResult(4), CancellationToken.None);
        first.SetResult(1);

        Assert.Equal((1, 4), (await reading, await staying));
        Assert.Equal(1, readers.Open);
    }

    [KafkaFact]
    public async Task A_client_that_nobody_needs_is_closed_and_one_that_failed_is_not_used_again()
    {
        var time = new FakeTimeProvider();
        using var readers = Readers(time);
        RecordRangeReader? failing = null;
        await Assert.ThrowsAsync<KafkaException>(() => readers.ReadAsync<int>(client => throw Failure(failing = client), CancellationToken.None));
        Assert.Equal(0, readers.Open);

        Assert.NotSame(failing, await readers.ReadAsync(Task.FromResult, CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, readers.Open);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, readers.Open);

        static KafkaException Failure(RecordRangeReader client) => client is null ? throw new InvalidOperationException() : new(ErrorCode.Local_Fail);
    }

    private RecordReaders Readers(TimeProvider time) => new(Config, clients: 1, waiting: 1, Patience, TimeSpan.FromMinutes(1), time);

    private async Task<string> FilledTopicAsync(int records, int bytes)
    {
        var topic = server.NewTopic();
        using var admin = new AdminClientBuilder(new AdminClientConfig(new Dictionary<string, string>(Config))).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(new Dictionary<string, string>(Config))).Build();
        for (var i = 0; i < records; i++)
        {
            // No envelopes: the ledger of what was sent again need not be asked.
            var value = Encoding.UTF8.GetBytes($"{i} ".PadRight(bytes, 'x'));
            Assert.False(DeadLetter.TryParse(value, out _));
            await producer.ProduceAsync(new TopicPartition(topic, i % Partitions), new Message<Null, byte[]> { Value = value });
        }
        return topic;
    }
}
