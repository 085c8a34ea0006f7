using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>The AppHost as users start it and end it. In the collection of the shared application only so as not to
/// compete with it for the machine.</summary>
[Trait("Category", "Brokers")]
[Trait("Category", "Slow")]
[Collection(SharedApplication.Name)]
public sealed class LifecycleTests
{
    private const int EventsEachRun = 200;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);
    /// <summary>The group remembers a member that was killed for as long as its session lasts, 30 s, and gives nothing away before.</summary>
    private static readonly TimeSpan TakeOverTimeout = TimeSpan.FromSeconds(90);

    [ServerFact]
    public async Task Killed_or_told_to_end_it_leaves_no_process_and_every_event_is_there_at_the_next_start()
    {
        using var data = new TemporaryFolder();
        var stored = new List<string>();

        await RunAsync(data.Path, stored, "KILL");
        await RunAsync(data.Path, stored, "KILL", AppHostProcess.StartWithDotnetRun);
        await RunAsync(data.Path, stored, "INT");
        await RunAsync(data.Path, stored, "TERM", twice: true);
    }

    [Fact]
    public async Task A_wrong_setting_ends_it_with_one_clear_message()
    {
        using var apphost = AppHostProcess.Start("--ConsumerReplicas=0", "--Ports:Random=true", "--Infrastructure:Mode=External");

        var code = await apphost.WaitForExitAsync(EndTimeout);

        Assert.Equal(1, code);
        Assert.Contains("LogPartitioning cannot start:", apphost.Output, StringComparison.Ordinal);
        Assert.Contains("  - ConsumerReplicas must be a whole number from 1 to 100; it is \"0\".", apphost.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", apphost.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_will_not_start_is_told_with_what_it_said_and_not_tried_again()
    {
        using var apphost = AppHostProcess.Start(
            // All services would have this name, and it could be none of an instance.
            new Dictionary<string, string> { ["OTEL_SERVICE_NAME"] = "shop/checkout" },
            "--Infrastructure:Mode=External",
            "--ConnectionStrings:kafka=127.0.0.1:1",
            "--ConnectionStrings:logs=Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1",
            "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false",
            "--Ports:Random=true",
            "--ConsumerReplicas=2",
            "--Consumer:BatchSize=0");

        foreach (var consumer in new[] { "consumer-1", "consumer-2" })
        {
            await Eventually.SeesAsync(
                $"what became of {consumer}",
                _ => Task.FromResult(apphost.Output),
                output => output.Contains(
                    $"{consumer} will not start and is not tried again: it exited with code 2, a setting is wrong. It said: The service does not start. Consumer:BatchSize must be between 1 and 100000, and is 0.",
                    StringComparison.Ordinal),
                StartTimeout);
        }

        Assert.DoesNotContain("started again", apphost.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", apphost.Output, StringComparison.Ordinal);
        await apphost.SignalAsync("INT");
        Assert.Equal(0, await apphost.WaitForExitAsync(EndTimeout));
    }

    private static async Task RunAsync(
        string dataPath, List<string> stored, string signal, Func<string[], AppHostProcess>? start = null, bool twice = false)
    {
        var port = FreePort();
        using var apphost = (start ?? AppHostProcess.Start)(
        [
            "--Infrastructure:Mode=Processes",
            $"--Infrastructure:DataPath={dataPath}",
            // The preferred ports of a run that stands beside the shared application.
            "--Ports:Random=false", "--Ports:Kafka=19392", "--Ports:Postgres=19332", "--Ports:Redis=19379", "--Ports:Prometheus=19390",
            string.Create(CultureInfo.InvariantCulture, $"--Ports:Gateway={port}"),
            "--ConsumerReplicas=1",
        ]);
        using var gateway = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        await Eventually.SeesAsync(
            "the gateway healthy", async token => await HealthAsync(gateway, apphost, token), health => health == "OK", StartTimeout);

        await Eventually.SeesAsync(
            $"{stored.Count} events of the runs before", async token => (await MessagesAsync(gateway, token)).Count, count => count == stored.Count, TakeOverTimeout);
        Assert.Equal(stored, await MessagesAsync(gateway, CancellationToken.None));

        var lines = Enumerable.Range(stored.Count, EventsEachRun).Select(number => $"event {number}").ToList();
        using var answer = await gateway.PostAsJsonAsync("/api/logs", lines.Select(line => new { source = "lifecycle", level = "Information", message = line }));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        stored.AddRange(lines);

        // Not waiting for the consumer: what was acknowledged must be stored by then or after the next start.
        var family = apphost.Family();
        Assert.True(family.Count > 10, $"only {string.Join(", ", family)}");
        await apphost.SignalAsync(signal);
        if (twice)
        {
            await Eventually.SeesAsync("the stop begun", _ => Task.FromResult(apphost.Output), output => output.Contains("Stopping:", StringComparison.Ordinal), EndTimeout);
            await apphost.SignalAsync(signal);
        }

        await Eventually.SeesAsync(
            $"nothing left {EndTimeout.TotalSeconds:0} s after SIG{signal}",
            _ => Task.FromResult(string.Join(", ", family.Where(process => process.IsAlive))),
            alive => alive.Length == 0,
            EndTimeout);
        if (signal != "KILL")
        {
            Assert.Equal(0, await apphost.WaitForExitAsync(EndTimeout));
            Assert.Equal(twice, apphost.Output.Contains("everything is ended at once", StringComparison.Ordinal));
        }
    }

    private static async Task<string> HealthAsync(HttpClient gateway, AppHostProcess apphost, CancellationToken cancellationToken)
    {
        using var answer = await gateway.GetAsync("/health", cancellationToken);
        return answer.IsSuccessStatusCode ? "OK" : $"{answer.StatusCode}\n{apphost.Output}";
    }

    private static async Task<List<string>> MessagesAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var page = await gateway.GetFromJsonAsync<JsonElement>("/api/logs?source=lifecycle&limit=1000", cancellationToken);
        return [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("message").GetString()!)];
    }

    private static int FreePort() => new LoopbackPorts(random: true).Any();
}
