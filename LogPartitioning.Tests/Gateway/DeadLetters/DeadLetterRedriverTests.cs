using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Fuzz;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Gateway.DeadLetters;

/// <summary>Dead letters sent through again, between a real database and brokers that fail as they are told.</summary>
[Collection(PostgresTests.Name)]
public sealed class DeadLetterRedriverTests(PostgresServer server) : DatabaseTest(server), IDisposable
{
    private const string Topic = "log-events";
    private const string DeadLetterTopic = "log-events.dlq";
    // The replayer's message when a record was acknowledged.
    private const int Sent = 4100;
    private const string Rows = "SELECT count(*) FROM dead_letter_replays";

    private static readonly BrokerCapabilities Modern = BrokerCapabilities.From(new KafkaOptions());
    // As old as it may be for the protocol that these brokers speak.
    private static readonly BrokerCapabilities WithoutIdempotence = BrokerCapabilities.From(new KafkaOptions { BrokerVersion = "0.10.2.2" });

    private readonly List<IDisposable> _clients = [];
    private readonly MockCluster _cluster = new(brokers: 1);
    private TopicBoundsReader _bounds = null!;
    private RecordReaders _readers = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _cluster.CreateTopic(Topic, partitions: 2, replicas: 1);
        _cluster.CreateTopic(DeadLetterTopic, partitions: 1, replicas: 1);
        _bounds = new TopicBoundsReader(Config);
        _readers = new RecordReaders(Config, clients: 1, waiting: 8, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _readers?.Dispose();
        _bounds?.Dispose();
        _cluster.Dispose();
    }

    [PostgresFact]
    public async Task A_dead_letter_is_sent_once_however_often_it_is_asked_for()
    {
        var item = await LetterAsync(0);
        var replayer = Replayer(Modern);

        Assert.Equal([DeadLetterRedriveStatus.Replayed, DeadLetterRedriveStatus.AlreadyReplayed], await ReplayAsync(replayer, item, item));
        Assert.Equal([DeadLetterRedriveStatus.AlreadyReplayed], await ReplayAsync(replayer, item));
        Assert.Equal(1, await RecordsAsync());
    }

    [PostgresFact]
    public async Task A_letter_of_a_topic_that_was_created_again_is_another_one_at_the_same_place()
    {
        var (old, present) = (await LetterAsync(0, topicId: "old"), await LetterAsync(0, topicId: "present"));
        var replayer = Replayer(Modern);

        Assert.Equal([DeadLetterRedriveStatus.Replayed, DeadLetterRedriveStatus.Replayed], await ReplayAsync(replayer, old, present));
        Assert.Equal([DeadLetterRedriveStatus.AlreadyReplayed, DeadLetterRedriveStatus.AlreadyReplayed], await ReplayAsync(replayer, present, old));
        Assert.Equal(2, await RecordsAsync());
    }

    [PostgresFact]
    public async Task An_intention_that_the_database_refused_may_be_tried_again()
    {
        var item = await LetterAsync(0);
        await OnAsync("INSERT", "RAISE EXCEPTION 'no'");

        Assert.Equal([DeadLetterRedriveStatus.Failed], await ReplayAsync(Replayer(Modern), item));
        Assert.Equal(0, await RecordsAsync());

        await Database.ExecuteAsync("DROP TRIGGER fault ON dead_letter_replays");
        Assert.Equal([DeadLetterRedriveStatus.Replayed], await ReplayAsync(Replayer(Modern), item));
    }

    [PostgresFact]
    public async Task An_intention_of_which_the_database_did_not_answer_is_unknown_and_not_sent()
    {
        var item = await LetterAsync(0);
        await OnAsync("INSERT", "PERFORM pg_terminate_backend(pg_backend_pid())");

        Assert.Equal([DeadLetterRedriveStatus.Unknown], await ReplayAsync(Replayer(Modern), item));
        Assert.Equal(0, await RecordsAsync());
    }

    [PostgresFact]
    public async Task A_refused_record_leaves_nothing_in_the_way_of_another_try()
    {
        var item = await LetterAsync(0);
        _cluster.FailProduceRequests(ErrorCode.MsgSizeTooLarge);
        var replayer = Replayer(Modern);

        Assert.Equal([DeadLetterRedriveStatus.Failed], await ReplayAsync(replayer, item));
        Assert.Equal(0, await Database.CountAsync(Rows));
        Assert.Equal([DeadLetterRedriveStatus.Replayed], await ReplayAsync(replayer, item));
    }

    [PostgresFact]
    public async Task A_refused_record_whose_intention_cannot_be_taken_back_is_unknown()
    {
        var item = await LetterAsync(0);
        await OnAsync("DELETE", "RAISE EXCEPTION 'no'");
        _cluster.FailProduceRequests(ErrorCode.TopicAuthorizationFailed);
        var replayer = Replayer(Modern);

        Assert.Equal([DeadLetterRedriveStatus.Unknown], await ReplayAsync(replayer, item));
        Assert.Equal([DeadLetterRedriveStatus.Unknown], await ReplayAsync(replayer, item));
        Assert.Equal(0, await RecordsAsync());
    }

    [PostgresFact]
    public async Task Without_idempotence_a_refusal_says_nothing_of_what_was_written_before_it()
    {
        var item = await LetterAsync(0);
        _cluster.FailProduceRequests(ErrorCode.NotEnoughReplicas);
        var replayer = Replayer(WithoutIdempotence);

        Assert.Equal([DeadLetterRedriveStatus.Unknown], await ReplayAsync(replayer, item));
        Assert.Equal(1, await Database.CountAsync(Rows));
        Assert.Equal([DeadLetterRedriveStatus.Unknown], await ReplayAsync(replayer, item));
    }

    [PostgresFact]
    public async Task Without_idempotence_a_record_that_is_too_large_may_be_tried_again()
    {
        var item = await LetterAsync(0);
        _cluster.FailProduceRequests(ErrorCode.MsgSizeTooLarge);

        Assert.Equal([DeadLetterRedriveStatus.Failed], await ReplayAsync(Replayer(WithoutIdempotence), item));
        Assert.Equal(0, await Database.CountAsync(Rows));
    }

    [PostgresFact]
    public async Task A_record_that_cannot_be_read_fails_alone()
    {
        var first = await LetterAsync(0);
        var unread = await LetterAsync(1, keepsBytes: false);
        var last = await LetterAsync(2);
        // As soon as the first is sent, the place of the second cannot be found.
        var replayer = Replayer(Modern, whenSent: () => _cluster.FailOffsetQuestions([.. Enumerable.Repeat(ErrorCode.TopicAuthorizationFailed, 4)]));

        Assert.Equal(
            [DeadLetterRedriveStatus.Replayed, DeadLetterRedriveStatus.Failed, DeadLetterRedriveStatus.Replayed],
            await ReplayAsync(replayer, first, unread, last));
    }

    [PostgresFact]
    public async Task After_an_error_that_is_fatal_to_the_producer_it_can_be_tried_again()
    {
        var item = await LetterAsync(1);
        var replayer = Replayer(Modern);
        _cluster.FailProducerId(ErrorCode.ClusterAuthorizationFailed);

        Assert.Equal([DeadLetterRedriveStatus.Failed], await ReplayAsync(replayer, item));
        Assert.Equal([DeadLetterRedriveStatus.Replayed], await ReplayAsync(replayer, item));
    }

    /// <summary>Anybody may write to the dead letter topic. Whatever stands there is shown, and keeps nothing else from being
    /// shown or sent again.</summary>
    [PostgresFact]
    public async Task Nothing_in_the_dead_letter_topic_breaks_its_view_or_the_redrive()
    {
        var random = new Random(20261127);
        var good = await LetterAsync(0);
        var letter = Encoding.UTF8.GetString(
            new DeadLetter(Topic, 0, 1, DeadLetterReason.InvalidField, "detail", StoredEvents.Start, "k"u8.ToArray(), "v"u8.ToArray()).Serialize());
        List<byte[]?> written = [null, []];
        foreach (var topic in new[] { "\\u0000", "a\\u0000b", "\\ud800", "\\udc00x", "", ".", "\\u0007", "\\ud83e\\udeb5", new string('t', 100_000) })
        {
            written.Add(Encoding.UTF8.GetBytes(letter.Replace(Topic, topic, StringComparison.Ordinal)));
        }
        foreach (var (part, other) in new[]
        {
            ("\"offset\":1", "\"offset\":-1"), ("\"offset\":1", "\"offset\":9223372036854775807"), ("\"offset\":1", "\"offset\":1e400"),
            ("\"partition\":0", "\"partition\":-2147483648"), ("\"partition\":0", "\"partition\":2147483647"), ("detail\"", "\\u0000\""),
            ("invalid_field", "\\u0000"), ("2026-", "0001-"), ("2026-11-22T07:00:00+00:00", "9999-12-31T23:59:59-14:00"),
            ("\"offset\":1", "\"offset\":1,\"offset\":2"), ("{", "{\"more\":" + new string('[', 10_000) + new string(']', 10_000) + ","),
        })
        {
            Assert.Contains(part, letter, StringComparison.Ordinal);
            written.Add(Encoding.UTF8.GetBytes(letter.Replace(part, other, StringComparison.Ordinal)));
        }
        written.AddRange(Enumerable.Range(0, 300).Select(_ => BodyMutation.Apply(Encoding.UTF8.GetBytes(letter), random)));
        using (var producer = new ProducerBuilder<Null, byte[]?>(new ProducerConfig(new Dictionary<string, string>(Config))).Build())
        {
            foreach (var value in written)
            {
                await producer.ProduceAsync(DeadLetterTopic, new Message<Null, byte[]?> { Value = value });
            }
        }

        var shown = new List<DeadLetterView>();
        for (var cursor = OffsetsCursor.Start; cursor is not null;)
        {
            var (page, _) = await DeadLetterPageView.ReadAsync(
                Reader, new DeadLetterRedriveLedger(Database), DeadLetterTopic, cursor, 50, reason: null, CancellationToken.None);
            Assert.NotEmpty(JsonSerializer.SerializeToUtf8Bytes(page));
            shown.AddRange(page.Items);
            cursor = page.Next is { } next && OffsetsCursor.TryParse(next, out var read) ? read : null;
        }
        Assert.Equal(Enumerable.Range(0, written.Count + 1).Select(offset => (long)offset), shown.Select(view => view.Place.Offset));

        // All that can be asked for by its origin; those sent before the good one may be as bad as they like.
        var named = shown.Where(view => view.Origin is { Partition: >= 0, Offset: >= 0, Topic.Length: > 0 })
            .Select(view => new DeadLetterRedrive(new DeadLetterOrigin(view.Origin!.Topic, view.Origin.Partition, view.Origin.Offset), null))
            .Where(item => item.Origin != good.Origin).Distinct().Take(DeadLetterRedriver.MaxItems - 1);
        var outcomes = (await ReplayAsync(Replayer(Modern), [.. named, good])).ToList();
        Assert.Equal(DeadLetterRedriveStatus.Replayed, outcomes[^1]);
        Assert.DoesNotContain(DeadLetterRedriveStatus.Unknown, outcomes);
    }

    private DeadLetterReader Reader => new(_readers, _readers, _bounds, DeadLetterTopic);

    private ClientConfig Config => new() { BootstrapServers = _cluster.BootstrapServers };

    private static async Task<IEnumerable<DeadLetterRedriveStatus>> ReplayAsync(DeadLetterRedriver replayer, params DeadLetterRedrive[] items)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return (await replayer.ReplayAsync(items, null, deadline.Token)).Select(outcome => outcome.Status);
    }

    private DeadLetterRedriver Replayer(BrokerCapabilities brokers, Action? whenSent = null)
    {
        var config = new ProducerConfig(new Dictionary<string, string>(Config));
        DeadLetterRedriver.Configure(config, brokers);
        var producer = new RenewableProducer<byte[]?, byte[]?>(config, static _ => { });
        _clients.Add(producer);
        return new DeadLetterRedriver(
            Reader, new DeadLetterRedriveLedger(Database), producer, brokers, Topic, partitions: 2,
            new LogListener<DeadLetterRedriver>((_, message) =>
            {
                if (message.Id == Sent)
                {
                    whenSent?.Invoke();
                }
            }));
    }

    /// <summary>Sets a record of partition 0 aside.</summary>
    private async Task<DeadLetterRedrive> LetterAsync(long offset, bool keepsBytes = true, string? topicId = null)
    {
        var letter = new DeadLetter(
            Topic, 0, offset, DeadLetterReason.RefusedByStore, null, StoredEvents.Start, "checkout"u8.ToArray(),
            keepsBytes ? LogEventJson.Serialize(StoredEvents.Event()) : null, topicId);
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(new Dictionary<string, string>(Config))).Build();
        await producer.ProduceAsync(DeadLetterTopic, new Message<Null, byte[]> { Value = letter.Serialize() });
        return new DeadLetterRedrive(new DeadLetterOrigin(Topic, 0, offset, topicId ?? ""), null);
    }

    private async Task<long> RecordsAsync() =>
        (await _bounds.ReadAsync(Topic, CancellationToken.None)).Values.Sum(partition => partition.High);

    private Task OnAsync(string operation, string statement) => Database.ExecuteAsync(
        $"""
        CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statement}; RETURN NULL; END $$;
        CREATE TRIGGER fault AFTER {operation} ON dead_letter_replays FOR EACH ROW EXECUTE FUNCTION fault();
        """);
}
