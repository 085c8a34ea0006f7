using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>The application of the tests below, which change the topic under it.</summary>
public sealed class ChangingTopicFixture() : StartedApplication(new ApplicationOptions
{
    ConsumerReplicas = 2,
    Settings = new Dictionary<string, string>
    {
        ["Lag:Interval"] = TimeSpan.FromSeconds(1).ToString(),
        ["Consumer:RefusalWindow"] = "40",
    },
});

/// <summary>Whatever happens to the topic, no event is skipped, and none is held without that being seen.</summary>
public sealed class LogIdentityTests(ChangingTopicFixture fixture) : IClassFixture<ChangingTopicFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly RunningApplication _application = fixture.Application;
    private readonly KafkaOptions _kafka = KafkaAccess.OptionsOf(fixture.Application);

    [KafkaFact]
    public async Task A_topic_made_anew_halts_all_partitions_until_an_operator_decides_and_then_every_event_is_stored()
    {
        await SendAsync("before", 400);
        await SeesStoredAsync("before", 400);

        await RecreateTopicAsync();
        await SendAsync("after", 4000);

        var halted = await SeesHaltedAsync(partitions: _kafka.Partitions);
        Assert.All(halted, item => Assert.Equal("log_replaced", item.GetProperty("cause").GetString()));
        await SeesLagAsync(lag => lag is { Total: 4000, Verdict: LagVerdict.Stop });
        Assert.Equal("unhealthy", await HealthAsync());

        // A restart is no decision.
        await StopConsumersAsync();
        await StartConsumersAsync();
        Assert.Equal(_kafka.Partitions, (await SeesHaltedAsync(_kafka.Partitions)).Count);

        using var answer = await ResumeAsync("beginning");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await SeesStoredAsync("after", 4000);
        await SeesLagAsync(lag => lag is { Total: 0, Verdict: LagVerdict.Ok });
        Assert.Equal(400, await StoredAsync("before"));
        Assert.Equal(4000, await CountAsync("SELECT count(DISTINCT id) FROM log_events WHERE starts_with(source, 'after-')"));
        await SeesHealthyAsync();
    }

    [KafkaFact]
    public async Task Records_that_were_deleted_before_they_were_stored_are_counted()
    {
        await SendAsync("kept", 240);
        await SeesStoredAsync("kept", 240);
        var lostBefore = (await GapsAsync()).GetProperty("total").GetInt64();
        await StopConsumersAsync();
        await SendAsync("deleted", 240);
        var ends = await EndsAsync();
        using (var admin = Admin())
        {
            await admin.DeleteRecordsAsync(ends.Select(end => new TopicPartitionOffset(_kafka.Topic, end.Key, end.Value)));
        }

        await SendAsync("deleted-not", 240);
        await StartConsumersAsync();

        await SeesStoredAsync("deleted-not", 240);
        var gaps = await Eventually.SeesAsync("the gaps", _ => GapsAsync(), gaps => gaps.GetProperty("total").GetInt64() == lostBefore + 240, Patience);
        Assert.All(gaps.GetProperty("items").EnumerateArray(), gap => Assert.Equal("deleted", gap.GetProperty("cause").GetString()));
        await Eventually.SeesAsync(
            "the lost records in the lag",
            async token => (await LagAsync(token)).GetProperty("partitions").EnumerateArray().Sum(p => p.GetProperty("lost").GetInt64()),
            lost => lost == lostBefore + 240,
            Patience);
        await SeesLagAsync(seen => seen is { Total: 0 });
    }

    [KafkaFact]
    public async Task A_position_past_the_end_of_the_log_halts_its_partition()
    {
        await SendAsync("truncated", 240);
        await SeesStoredAsync("truncated", 240);
        await StopConsumersAsync();
        await _application.Logs.ExecuteAsync("UPDATE consumer_offsets SET next_offset = next_offset + 1000 WHERE partition = 3");

        await StartConsumersAsync();

        var halted = Assert.Single(await SeesHaltedAsync(partitions: 1));
        Assert.Equal(("log_truncated", 3), (halted.GetProperty("cause").GetString(), halted.GetProperty("partition").GetInt32()));
        using var answer = await ResumeAsync("beginning");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await SeesLagAsync(lag => lag is { Total: 0, Verdict: LagVerdict.Ok });
        Assert.Equal(240, await StoredAsync("truncated"));
        await SeesHealthyAsync();
    }

    [KafkaFact]
    public async Task Transactions_of_another_program_leave_no_lag_and_an_open_one_is_named()
    {
        using var writer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(
            _application, new ProducerConfig { TransactionalId = "another-program", TransactionTimeoutMs = 120_000 })).Build();
        writer.InitTransactions(Patience);
        writer.BeginTransaction();
        Produce(writer, "committed", 5);
        writer.CommitTransaction();
        writer.BeginTransaction();
        Produce(writer, "aborted", 5);
        writer.AbortTransaction();
        await SeesStoredAsync("committed", 5);
        await SeesLagAsync(lag => lag is { Total: 0, Verdict: LagVerdict.Ok });

        writer.BeginTransaction();
        Produce(writer, "open", 1);
        await SendToPartitionOfAsync("open", 4);
        await SeesLagAsync(lag => lag is { Total: 5, Verdict: LagVerdict.Stall });
        Assert.Contains("a transaction of another program has been open", (await LagAsync(CancellationToken.None)).GetProperty("reason").GetString(), StringComparison.Ordinal);

        writer.AbortTransaction();
        await SeesStoredAsync("open", 4);
        await SeesLagAsync(lag => lag is { Total: 0, Verdict: LagVerdict.Ok });
        Assert.Equal(0, await StoredAsync("aborted"));
    }

    [KafkaFact]
    public async Task A_stranger_in_the_group_is_named_with_its_partitions_and_what_it_keeps_from_us_is_lag()
    {
        using (var stranger = new ConsumerBuilder<byte[], byte[]>(KafkaAccess.Configure(_application, new ConsumerConfig
        {
            GroupId = _kafka.Group,
            ClientId = "somebody-elses-program",
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            EnableAutoCommit = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
        })).Build())
        {
            stranger.Subscribe(_kafka.Topic);
            using var stop = new CancellationTokenSource();
            var reading = Task.Run(() => { while (!stop.IsCancellationRequested) { stranger.Consume(TimeSpan.FromMilliseconds(100)); } });
            await Eventually.TrueAsync("the stranger got partitions", () => stranger.Assignment.Count > 0, Patience);
            await SendAsync("stranger", 1200);

            var reasons = await Eventually.SeesAsync(
                "the stranger in the group's health",
                async token => (await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/health", token)).GetProperty("reasons").ToString(),
                text => text.Contains("somebody-elses-program is a member of the group and none of our consumers; it has partitions", StringComparison.Ordinal),
                Patience);
            Assert.NotNull(reasons);
            await SeesLagAsync(lag => lag.Total > 0);
            await stop.CancelAsync();
            await reading;
            stranger.Close();
        }

        await SeesStoredAsync("stranger", 1200);
        await SeesLagAsync(lag => lag is { Total: 0, Verdict: LagVerdict.Ok });
    }

    [KafkaFact]
    public async Task Commits_that_the_brokers_have_lost_are_no_lag_and_hide_none()
    {
        await SendAsync("expired", 240);
        await SeesStoredAsync("expired", 240);
        await StopConsumersAsync();
        using var admin = Admin();
        await Eventually.SeesAsync(
            "an empty group",
            async _ =>
            {
                try
                {
                    await admin.DeleteGroupsAsync([_kafka.Group]);
                    return "gone";
                }
                catch (DeleteGroupsException e)
                {
                    return e.Message;
                }
            },
            seen => seen == "gone",
            Patience);
        await SeesLagAsync(lag => lag is { Total: 0 });
        await SendAsync("expired-then", 7);
        await SeesLagAsync(lag => lag is { Total: 7, Verdict: LagVerdict.Stop });

        await StartConsumersAsync();

        await SeesStoredAsync("expired-then", 7);
        await Eventually.SeesAsync(
            "committed positions",
            async token => (await LagAsync(token)).GetProperty("partitions").EnumerateArray()
                .Count(p => p.GetProperty("committed").ValueKind == JsonValueKind.Number && p.GetProperty("committed").GetInt64() == p.GetProperty("stored").GetInt64()),
            partitions => partitions == _kafka.Partitions,
            Patience);
    }

    [KafkaFact]
    public async Task A_burst_of_records_that_are_refused_halts_the_partition_instead_of_emptying_it()
    {
        using var writer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(_application, new ProducerConfig())).Build();
        for (var i = 0; i < 100; i++)
        {
            writer.Produce(new TopicPartition(_kafka.Topic, 5), new() { Key = "bad", Value = "not JSON"u8.ToArray() });
        }

        writer.Flush(Patience);
        var halted = Assert.Single(await SeesHaltedAsync(partitions: 1));
        Assert.Equal(("too_many_refused", 5), (halted.GetProperty("cause").GetString(), halted.GetProperty("partition").GetInt32()));
        Assert.Contains("malformed_json", halted.GetProperty("detail").GetString(), StringComparison.Ordinal);
        // It is halted when they are read; they are set aside with their batch.
        await Eventually.SeesAsync("dead letters of those before", _ => DeadLettersAsync(), letters => letters >= 20, Patience);
        Assert.Equal(20, await DeadLettersAsync());
        using (var wrong = await ResumeAsync("beginning"))
        {
            Assert.Equal(HttpStatusCode.Conflict, wrong.StatusCode);
        }

        using var answer = await ResumeAsync("setAside");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await SeesLagAsync(lag => lag is { Total: 0, Verdict: LagVerdict.Ok });
        Assert.Equal(100, await DeadLettersAsync());
        await SeesHealthyAsync();
    }

    private IAdminClient Admin() => new AdminClientBuilder(KafkaAccess.Configure(_application, new AdminClientConfig())).Build();

    private async Task RecreateTopicAsync()
    {
        using var admin = Admin();
        var before = await TopicIdAsync(admin);
        await admin.DeleteTopicsAsync([_kafka.Topic]);
        await Eventually.SeesAsync(
            "the topic created again",
            async _ =>
            {
                try
                {
                    await admin.CreateTopicsAsync([new()
                    {
                        Name = _kafka.Topic,
                        NumPartitions = _kafka.Partitions,
                        ReplicationFactor = _kafka.ReplicationFactor,
                        Configs = new() { ["min.insync.replicas"] = _kafka.MinInSyncReplicas.ToString(CultureInfo.InvariantCulture) },
                    }]);
                    return "created";
                }
                catch (CreateTopicsException e)
                {
                    return e.Message;
                }
            },
            seen => seen == "created",
            Patience);
        // A broker that has not heard of it yet would acknowledge records into the topic that goes.
        foreach (var broker in _application.BootstrapServers.Split(','))
        {
            var config = KafkaAccess.Configure(_application, new AdminClientConfig());
            config.BootstrapServers = broker;
            using var one = new AdminClientBuilder(config).Build();
            await Eventually.SeesAsync($"another topic at {broker}", token => TopicIdAsync(one, token), id => id is not null && id != before, Patience);
        }
    }

    private Task<string?> TopicIdAsync(IAdminClient admin, CancellationToken token = default) =>
        TopicId.ReadAsync(admin, _kafka.Topic, BrokerCapabilities.From(_kafka), Patience, token);

    /// <summary>Sends until each is acknowledged; ids make a retry harmless.</summary>
    private async Task SendAsync(string prefix, int events)
    {
        foreach (var chunk in Enumerable.Range(0, events).Chunk(500))
        {
            var lines = string.Join('\n', chunk.Select(i => JsonSerializer.Serialize(new { id = Guid.CreateVersion7(), source = $"{prefix}-{i % 48}", message = $"event {i}" })));
            await Eventually.SeesAsync(
                $"{chunk.Length} events acknowledged",
                async token =>
                {
                    using var body = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
                    using var answer = await _application.Gateway.PostAsync(new Uri("/api/logs", UriKind.Relative), body, token);
                    return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(token)}";
                },
                // Of some the brokers may have had no leader yet: those are to be sent again, and the others are known.
                seen => seen.StartsWith("202", StringComparison.Ordinal) && seen.Contains("\"rejected\":0", StringComparison.Ordinal),
                Patience);
        }
    }

    private void Produce(IProducer<string, byte[]> writer, string source, int events)
    {
        for (var i = 0; i < events; i++)
        {
            writer.Produce(_kafka.Topic, new() { Key = $"{source}-x", Value = Value($"{source}-x", i) });
        }

        writer.Flush(Patience);
    }

    private async Task SendToPartitionOfAsync(string source, int events)
    {
        using var writer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(_application, new ProducerConfig())).Build();
        for (var i = 0; i < events; i++)
        {
            await writer.ProduceAsync(_kafka.Topic, new() { Key = $"{source}-x", Value = Value($"{source}-x", i) });
        }
    }

    private static byte[] Value(string source, int i) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = Guid.CreateVersion7(),
        source,
        level = "Information",
        message = $"event {i}",
        timestamp = DateTimeOffset.UtcNow,
    });

    private async Task StopConsumersAsync() => await Task.WhenAll(_application.Consumers.Select(_application.StopAsync));

    /// <summary>Starts them without waiting for their health: with a halted partition they have none.</summary>
    private async Task StartConsumersAsync()
    {
        foreach (var consumer in _application.Consumers)
        {
            var started = await _application.TryCommandAsync(consumer, KnownResourceCommands.StartCommand, CancellationToken.None);
            Assert.True(started.Success, started.Message);
        }
    }

    private Task<long> StoredAsync(string prefix) =>
        _application.Logs.CountAsync("SELECT count(*) FROM log_events WHERE source ~ ('^' || $1 || '-[0-9x]+$')", prefix);

    private Task<long> CountAsync(string sql) => _application.Logs.CountAsync(sql);

    private Task<long> SeesStoredAsync(string prefix, long events) =>
        Eventually.SeesAsync($"{events} events of {prefix} stored", _ => StoredAsync(prefix), stored => stored == events, Patience);

    private async Task<IReadOnlyList<JsonElement>> SeesHaltedAsync(int partitions) => await Eventually.SeesAsync<IReadOnlyList<JsonElement>>(
        $"{partitions} partitions halted",
        async token => [.. (await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/halted", token)).GetProperty("items").EnumerateArray()],
        halted => halted.Count == partitions,
        Patience);

    private Task<HttpResponseMessage> ResumeAsync(string action) =>
        _application.Gateway.PostAsJsonAsync("/api/consumer/halted/resume", new { partitions = "all", action });

    private Task<JsonElement> LagAsync(CancellationToken token) => _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/lag", token);

    private Task<JsonElement> GapsAsync() => _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/gaps");

    private async Task<(long Total, LagVerdict Verdict)> SeesLagAsync(Func<(long Total, LagVerdict Verdict), bool> expected) => await Eventually.SeesAsync(
        "lag in the gateway",
        async token =>
        {
            var lag = await LagAsync(token);
            return (lag.GetProperty("totalLag").GetInt64(), lag.GetProperty("verdict").Deserialize<LagVerdict>());
        },
        expected,
        Patience);

    private async Task<string?> HealthAsync() => (await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/health")).GetProperty("status").GetString();

    private Task<string?> SeesHealthyAsync() => Eventually.SeesAsync("a healthy group", _ => HealthAsync(), status => status == "healthy", Patience);

    private async Task<Dictionary<int, long>> EndsAsync()
    {
        using var admin = Admin();
        var ends = await admin.ListOffsetsAsync(Enumerable.Range(0, _kafka.Partitions).Select(p => new TopicPartitionOffsetSpec
        {
            TopicPartition = new(_kafka.Topic, p),
            OffsetSpec = OffsetSpec.Latest(),
        }));
        return ends.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
    }

    private async Task<long> DeadLettersAsync()
    {
        using var admin = Admin();
        var ends = await admin.ListOffsetsAsync(Enumerable.Range(0, _kafka.Partitions).Select(p => new TopicPartitionOffsetSpec
        {
            TopicPartition = new(_kafka.DeadLetterTopic, p),
            OffsetSpec = OffsetSpec.Latest(),
        }));
        return ends.ResultInfos.Sum(info => info.TopicPartitionOffsetError.Offset.Value);
    }
}
