using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
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
    /// <summary>Alone half a minute; beside all other tests, and with 30 s of waiting for the servers of a run that was killed, a few times that.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);
    /// <summary>The group remembers a member that was killed for as long as its session lasts, 30 s, and gives nothing away before.</summary>
    private static readonly TimeSpan TakeOverTimeout = TimeSpan.FromSeconds(90);

    /// <summary>What a shell may hold that speaks of other servers, other locales and other machines.</summary>
    private static readonly Dictionary<string, string> OddEnvironment = new()
    {
        ["PGCLIENTENCODING"] = "WIN1252",
        ["PGOPTIONS"] = "-c search_path=nowhere",
        ["PGPORT"] = "1",
        ["PGSSLNEGOTIATION"] = "direct",
        ["PGTARGETSESSIONATTRS"] = "standby",
        ["JAVA_TOOL_OPTIONS"] = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:19399",
        ["_JAVA_OPTIONS"] = "-Xmx8m -Duser.language=tr",
        ["JDK_JAVA_OPTIONS"] = "-nonsense",
        ["CLASSPATH"] = "/nonexistent",
        ["http_proxy"] = "http://127.0.0.1:1",
        ["https_proxy"] = "http://127.0.0.1:1",
        ["ALL_PROXY"] = "http://127.0.0.1:1",
        ["ASPNETCORE_HTTP_PORTS"] = "8080",
        ["OTEL_SERVICE_NAME"] = "another",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "nonsense",
        ["HOME"] = "",
        ["LC_ALL"] = "tr_TR.UTF-8",
        ["POSIXLY_CORRECT"] = "1",
        ["CDPATH"] = "/",
        ["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1",
    };

    [ServerFact]
    public async Task Killed_or_told_to_end_it_leaves_no_process_and_every_event_is_there_at_the_next_start()
    {
        using var parent = new TemporaryFolder();
        // Behind a link, and with whatever characters Linux allows.
        var folder = Directory.CreateDirectory(parent.At("a für 'mich' \"b\" [x]*? {{y}} $HOME\n\t%41;#")).FullName;
        var data = parent.At("data");
        File.CreateSymbolicLink(data, folder);
        var stored = new List<string>();

        // On a busy machine a call to Redis takes longer than a second, and that is a warning rightly.
        var orderly = await RunAsync(data, stored, "INT", arguments => AppHostProcess.Start([.. arguments, "--ResourceLogs=true", "--GroupState:Timeout=00:00:10"]));
        // Brokers without KRaft warn at each start and each end, and the services warn of them.
        var troubles = KafkaServer.WhyNot is null ? LogTroubles.In(orderly.Output) : [];
        Assert.True(troubles.Count == 0, string.Join('\n', troubles));
        Assert.Contains("Resources.kafka-3[", orderly.Output, StringComparison.Ordinal);
        Assert.Contains("\"LogLevel\":\"Information\"", orderly.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "kafka", "broker-1", "log", "meta.properties")));
        await EndsAsync(orderly);

        // The next one starts while the servers of this one still run.
        var killed = await RunAsync(data, stored, "KILL", arguments => AppHostProcess.Start(
            new Dictionary<string, string>(OddEnvironment) { ["TMPDIR"] = Directory.CreateDirectory(parent.At("tem porary")).FullName }, arguments));
        var next = await RunAsync(data, stored, "KILL", AppHostProcess.StartWithDotnetRun);
        Assert.Contains("waiting for servers of an earlier run to end", next.Output, StringComparison.Ordinal);
        await EndsAsync(killed);
        await EndsAsync(next);

        await EndsAsync(await RunAsync(data, stored, "TERM", twice: true));
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

    [Theory]
    [InlineData("HOME")]
    [InlineData("TMPDIR")]
    public async Task A_folder_of_the_environment_that_is_none_ends_it_with_one_clear_message(string name)
    {
        using var folder = new TemporaryFolder();
        using var apphost = AppHostProcess.Start(new Dictionary<string, string> { [name] = folder.At("nothing") }, "--Ports:Random=true", "--Infrastructure:Mode=External");

        var code = await apphost.WaitForExitAsync(EndTimeout);

        Assert.Equal(1, code);
        Assert.StartsWith($"LogPartitioning cannot start: {name} is {folder.At("nothing")}", Assert.Single(apphost.Output.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("nothing")));
    }

    private static async Task<Run> RunAsync(
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

        var lines = Enumerable.Range(stored.Count, EventsEachRun).Select(number => $"event {number}: Grüße, Ángel ”").ToList();
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

        if (signal != "KILL")
        {
            Assert.Equal(0, await apphost.WaitForExitAsync(EndTimeout));
            Assert.Equal(twice, apphost.Output.Contains("everything is ended at once", StringComparison.Ordinal));
        }

        return new(family, signal, apphost.Output);
    }

    private static Task<string> EndsAsync(Run run) => Eventually.SeesAsync(
        $"nothing left {EndTimeout.TotalSeconds:0} s after SIG{run.Signal}",
        _ => Task.FromResult(string.Join(", ", run.Family.Where(process => process.IsAlive))),
        alive => alive.Length == 0,
        EndTimeout);

    private static async Task<string> HealthAsync(HttpClient gateway, AppHostProcess apphost, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await gateway.GetAsync("/health", cancellationToken);
            return answer.IsSuccessStatusCode ? "OK" : $"{answer.StatusCode}\n{apphost.Output}";
        }
        catch (HttpRequestException e)
        {
            return $"{e.Message}\n{apphost.Output}";
        }
    }

    private static async Task<List<string>> MessagesAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var page = await gateway.GetFromJsonAsync<JsonElement>("/api/logs?source=lifecycle&limit=1000", cancellationToken);
        return [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("message").GetString()!)];
    }

    /// <summary>What a run has started and written.</summary>
    private sealed record Run(IReadOnlySet<LinuxProcess> Family, string Signal, string Output);

    private static int FreePort() => new LoopbackPorts(random: true).Any();
}
