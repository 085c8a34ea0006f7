using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Browser;

/// <summary>The console in a browser, on a running application with real data: every page looked at, and what people do there.</summary>
[Collection(SharedApplication.Name)]
[Trait("Category", "Slow")]
public sealed class ConsoleStoryTests(ApplicationFixture fixture, BrowserScripts browser) : IClassFixture<BrowserScripts>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _name = $"console-{Guid.NewGuid().ToString("N")[..8]}";

    private HttpClient Gateway => fixture.Application.Gateway;

    [SkippableTheory]
    [InlineData(1280, "light")]
    [InlineData(1280, "dark")]
    [InlineData(390, "light")]
    [InlineData(390, "dark")]
    public async Task Every_page_is_there_fits_and_has_no_serious_fault(int width, string scheme)
    {
        SkipWhereNoPageCanBeLookedAt();
        await SendAsync(_name, 200);

        await RunAsync("pages.mjs", $"{width}", scheme);
    }

    [SkippableFact]
    public async Task A_hot_source_is_found_split_and_given_back()
    {
        SkipWhereNoPageCanBeLookedAt();
        using var ended = new CancellationTokenSource();
        // More than half of what comes, for as long as the story lasts.
        var sending = KeepSendingAsync(_name, 400, ended.Token);
        try
        {
            await RunAsync("story-hot-source.mjs", _name);
        }
        finally
        {
            await ended.CancelAsync();
            await sending;
        }
    }

    [SkippableFact]
    public async Task A_rebalance_is_followed_after_a_kill()
    {
        SkipWhereNoPageCanBeLookedAt();
        var newest = (await Gateway.GetFromJsonAsync<JsonElement>("/api/rebalances")).GetProperty("items")[0].GetProperty("id").GetString()!;
        var telling = RunAsync("story-rebalance.mjs", "consumer-4", newest);
        await fixture.Application.KillAsync("consumer-4");
        try
        {
            await telling;
        }
        finally
        {
            await fixture.Application.StartAllAsync(s_patience);
        }
    }

    [SkippableFact]
    public async Task A_dead_letter_is_edited_redriven_and_found_in_the_logs()
    {
        SkipWhereNoPageCanBeLookedAt();
        var kafka = KafkaAccess.OptionsOf(fixture.Application);
        using (var producer = new ProducerBuilder<string, string>(KafkaAccess.Configure(fixture.Application, new ProducerConfig())).Build())
        {
            await producer.ProduceAsync(
                new TopicPartition(kafka.Topic, KeyPartitioner.PartitionOf(_name, kafka.Partitions)), new() { Key = _name, Value = $"{{\"message\": \"broken by {_name}\"" });
        }

        await RunAsync("story-dead-letter.mjs", _name);
    }

    [SkippableFact]
    public async Task Many_dead_letters_are_counted_by_reason_and_redriven_at_a_rate_each_once()
    {
        SkipWhereNoPageCanBeLookedAt();
        const int Letters = 20;
        var kafka = KafkaAccess.OptionsOf(fixture.Application);
        using (var producer = new ProducerBuilder<string, string>(KafkaAccess.Configure(fixture.Application, new ProducerConfig())).Build())
        {
            for (var i = 0; i < Letters; i++)
            {
                var key = $"{_name}-{i}";
                await producer.ProduceAsync(new TopicPartition(kafka.Topic, KeyPartitioner.PartitionOf(key, kafka.Partitions)), new() { Key = key, Value = $"{{\"message\": \"broken {i}\"" });
            }
        }

        await RunAsync("story-redrive-many.mjs", _name, $"{Letters}");
    }

    [SkippableFact]
    public async Task Logs_are_searched_opened_shared_downloaded_and_looked_at_as_they_come()
    {
        SkipWhereNoPageCanBeLookedAt();
        await SendAsync(_name, 30);
        await Eventually.SeesAsync(
            "the events stored",
            async token => (await Gateway.GetFromJsonAsync<JsonElement>($"/api/logs?source={_name}&limit=1000", token)).GetProperty("items").GetArrayLength(),
            count => count == 30,
            s_patience);
        using var ended = new CancellationTokenSource();
        var sending = KeepSendingAsync($"{_name}-tail", 20, ended.Token);
        try
        {
            // Every third event is a warning, and every second one speaks of tea.
            await RunAsync("story-logs.mjs", _name, "TEA", "5");
        }
        finally
        {
            await ended.CancelAsync();
            await sending;
        }
    }

    [SkippableFact]
    public async Task A_partition_is_paused_moved_back_and_resumed()
    {
        SkipWhereNoPageCanBeLookedAt();
        var partition = KeyPartitioner.PartitionOf(_name, KafkaAccess.OptionsOf(fixture.Application).Partitions);
        await SendAsync(_name, 50);
        await Eventually.SeesAsync(
            "no lag",
            async token => (await Gateway.GetFromJsonAsync<JsonElement>("/api/operate", token)).GetProperty("partitions").EnumerateArray().Sum(one => one.GetProperty("lag").GetInt64()),
            lag => lag == 0,
            s_patience);

        await RunAsync("story-operate.mjs", $"{partition}");

        await Eventually.SeesAsync(
            "each event once",
            async token => (await Gateway.GetFromJsonAsync<JsonElement>($"/api/logs?source={_name}&limit=1000", token)).GetProperty("items").GetArrayLength(),
            count => count == 50,
            s_patience);
    }

    [SkippableFact]
    public async Task What_a_source_sent_is_found_stored_in_the_audit()
    {
        SkipWhereNoPageCanBeLookedAt();
        await SendAsync(_name, 30);

        await RunAsync("story-audit.mjs", _name, "30");
    }

    [SkippableFact]
    public async Task Partitions_are_sorted_scaling_read_a_lost_connection_comes_back_and_the_colours_change()
    {
        SkipWhereNoPageCanBeLookedAt();
        await SendAsync(_name, 10);

        await RunAsync("story-views.mjs");
    }

    private Task<string> RunAsync(string script, params IEnumerable<string> arguments) => browser.RunAsync(script, [Gateway.BaseAddress!.ToString(), .. arguments]);

    /// <summary>On CI what is missing is a fault: set-up installs it there.</summary>
    private void SkipWhereNoPageCanBeLookedAt()
    {
        Skip.If(InstalledServersProbe.WhatIsMissing is not null && !InstalledServersProbe.OnCi, InstalledServersProbe.WhatIsMissing);
        if (browser.WhyNot is { } reason)
        {
            Assert.False(InstalledServersProbe.OnCi, reason);
            Skip.If(true, reason);
        }
    }

    private async Task SendAsync(string source, int events)
    {
        using var answer = await Gateway.PostAsJsonAsync("/api/logs", Enumerable.Range(0, events).Select(i => new
        {
            source,
            level = i % 3 == 0 ? "Warning" : "Information",
            message = $"event {i} of {(i % 2 == 0 ? "tea" : "coffee")}",
            attributes = new { orderId = i },
        }));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task KeepSendingAsync(string source, int events, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            do
            {
                await SendAsync(source, events);
            }
            while (await timer.WaitForNextTickAsync(ended));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The story is told.
        }
    }
}
