using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>A gateway that dies while it sends dead letters through again.</summary>
[Collection(SharedApplication.Name)]
public sealed class RedriveRestartTests(ApplicationFixture fixture)
{
    private const int Letters = 40;
    private const string Jobs = "/api/dead-letters/redrives";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly RunningApplication _application = fixture.Application;
    private readonly KafkaOptions _kafka = KafkaAccess.OptionsOf(fixture.Application);
    private readonly string _prefix = $"redrive-{Guid.NewGuid():N}"[..20];

    [ServerFact]
    public async Task What_a_killed_gateway_has_left_the_next_one_sends_and_nothing_twice()
    {
        var items = await ProduceBrokenAsync();
        await Eventually.SeesAsync("the letters", token => CountLettersAsync(token), count => count == Letters, s_patience);
        var first = await StartAsync(items, ratePerSecond: 5);
        await Eventually.SeesAsync("five letters sent", token => JobAsync(first, token), job => job.GetProperty("replayed").GetInt32() >= 5, s_patience);

        await _application.KillAndSeeAgainAsync("gateway");
        await _application.WaitUntilHealthyAsync("gateway", s_patience);

        using (var forgotten = await _application.Gateway.GetAsync(new Uri($"{Jobs}/{first}", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.NotFound, forgotten.StatusCode);
        }

        var second = await StartAsync(items, ratePerSecond: 1000);
        var ended = await Eventually.SeesAsync("its end", token => JobAsync(second, token), job => job.GetProperty("state").GetString() != "running", s_patience);
        var (sent, sentBefore, unknown) = (Of(ended, "replayed"), Of(ended, "alreadyReplayed"), Of(ended, "unknown"));
        Assert.Equal(("succeeded", 0, Letters), (ended.GetProperty("state").GetString(), Of(ended, "failed"), sent + sentBefore + unknown));
        Assert.InRange(sentBefore, 4, Letters - 1);
        // The one that was under way when it died.
        Assert.InRange(unknown, 0, 1);

        var records = await CountRecordsAsync();
        Assert.Equal(Letters, records.Count);
        Assert.InRange(records.Values.Count(count => count == 1), 0, unknown);
        Assert.DoesNotContain(records.Values, count => count > 2);
    }

    private static int Of(JsonElement job, string name) => job.GetProperty(name).GetInt32();

    private async Task<IReadOnlyList<object>> ProduceBrokenAsync()
    {
        using var producer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(_application, new ProducerConfig())).Build();
        var items = new List<object>();
        for (var i = 0; i < Letters; i++)
        {
            var key = $"{_prefix}-{i}";
            var placed = await producer.ProduceAsync(
                new TopicPartition(_kafka.Topic, KeyPartitioner.PartitionOf(key, _kafka.Partitions)), new() { Key = key, Value = Encoding.UTF8.GetBytes($"{{\"message\": \"broken {i}\"") });
            items.Add(new { topic = _kafka.Topic, partition = placed.Partition.Value, offset = placed.Offset.Value });
        }

        return items;
    }

    private async Task<int> CountLettersAsync(CancellationToken cancellationToken)
    {
        var page = await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/dead-letters?order=newest&limit=200", cancellationToken);
        return page.GetProperty("items").EnumerateArray().Count(item => item.GetRawText().Contains(_prefix, StringComparison.Ordinal));
    }

    private async Task<Guid> StartAsync(IReadOnlyList<object> items, int ratePerSecond)
    {
        using var answer = await _application.Gateway.PostAsJsonAsync(Jobs, new { items, dryRun = false, ratePerSecond });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    private Task<JsonElement> JobAsync(Guid id, CancellationToken cancellationToken) => _application.Gateway.GetFromJsonAsync<JsonElement>($"{Jobs}/{id}", cancellationToken);

    /// <summary>How often the topic has a record of each key.</summary>
    private async Task<Dictionary<string, int>> CountRecordsAsync()
    {
        var config = KafkaAccess.Configure(_application, new ClientConfig());
        using var bounds = new TopicBoundsReader(config);
        var held = await bounds.ReadAsync(_kafka.Topic, CancellationToken.None);
        using var reader = new RecordRangeReader(config, _kafka.Topic, held.Select(partition => new OffsetRange(partition.Key, partition.Value.Low, partition.Value.High)));
        var records = new Dictionary<string, int>();
        using var deadline = new CancellationTokenSource(s_patience);
        while (!reader.Completed)
        {
            foreach (var record in reader.Read(1000, 1024 * 1024, TimeSpan.FromSeconds(1), deadline.Token))
            {
                if (record.Message.Key is { } bytes && Encoding.UTF8.GetString(bytes) is var key && key.StartsWith(_prefix, StringComparison.Ordinal))
                {
                    records[key] = records.GetValueOrDefault(key) + 1;
                }
            }
        }

        return records;
    }
}
