using System.Globalization;
using LogPartitioning.AppHost.Kafka;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Faults;
using LogPartitioning.Tests.Servers;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>Mutated requests against the producer as it runs.</summary>
[Collection(FaultyApplication.Name)]
public sealed class ProducerFuzzTests(FaultApplication fixture, ITestOutputHelper output)
{
    private const int Seed = 20261122;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [ServerFact]
    public Task A_few_thousand_mutated_requests() => RunAsync(4_000);

    [ServerFact]
    [Trait("Category", "Faults")]
    public Task S13_A_hundred_thousand_mutated_requests() => RunAsync(100_000);

    private async Task RunAsync(int requests)
    {
        var application = fixture.Application;
        var process = application.ProcessId("producer");
        var brokers = application.Brokers.ToDictionary(broker => broker, application.ProcessId);
        using var others = await OtherWrites.StartAsync(application);
        await using var watch = new PartWatch(PartsOf(application, others));
        // Of its own for each run: the events of one seed have the same ids and other times, and the application is shared.
        var run = new FuzzRun(application.Producer, new Uri("/api/logs", UriKind.Relative), Seed + requests, () => ResidentBytes(process), TimeProvider.System);
        await run.RunAsync(requests, CancellationToken.None);

        var answers = string.Join(", ", run.Answers.OrderBy(a => a.Key).Select(a => $"{(int)a.Key}: {a.Value}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{requests} requests in {run.Duration.TotalSeconds:0} s, answered {answers}; {run.Acknowledged.Count} events acknowledged, {run.Good.Count} of them beside spoilt ones or by themselves good"));
        var stall = new Stall(run.PutOff);
        output.WriteLine(stall.Requests == 0 ? $"{stall}" : $"{stall}; meanwhile at most, {watch.Slowest(stall.From, stall.To)}");
        Assert.True(run.Problems.Count == 0, string.Join('\n', run.Problems));
        Assert.True(process == application.ProcessId("producer"), "The producer was started anew during the run.");
        var problems = stall.Problems([.. brokers.Where(broker => application.ProcessIdOrNull(broker.Key) != broker.Value).Select(broker => broker.Key)]).ToList();
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        // Else the run would have shown nothing.
        Assert.True(run.Good.Count > requests, $"Only {run.Good.Count} good events were among {requests} requests.");
        Assert.True(run.Answers.Count >= 3, $"Only the answers {answers} were seen.");
        AssertSteady(run.Memory);
        await AssertStoredAsync(application.Logs, run);
    }

    /// <summary>Whoever answers while the producer does not is not who holds it up.</summary>
    private static Dictionary<string, Func<CancellationToken, Task>> PartsOf(RunningApplication application, OtherWrites others)
    {
        var parts = new Dictionary<string, Func<CancellationToken, Task>>
        {
            ["the producer's /alive"] = async token => (await application.Producer.GetAsync("/alive", token)).Dispose(),
        };
        foreach (var (broker, id) in application.Brokers.Select((broker, index) => (broker, index + 1)))
        {
            var port = application.Port(broker);
            parts[$"metadata from {broker}"] = token => KafkaMetadataRequest.SendAsync(port, token);
            parts[$"another client's writes to {broker}"] = token => others.WriteAsync(id, token);
        }
        return parts;
    }

    /// <summary>What the second half needs at most is what the first half has already needed, and a little.</summary>
    private void AssertSteady(IReadOnlyList<MemorySample> memory)
    {
        const long Little = 96L * 1024 * 1024;
        var half = memory[^1].Requests / 2;
        var first = memory.Where(m => m.Requests <= half).Max(m => m.ResidentBytes);
        var second = memory.Where(m => m.Requests > half).Max(m => m.ResidentBytes);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"resident: at most {first >> 20} MiB in the first half, {second >> 20} MiB in the second"));
        Assert.True(second < first + Little, $"The producer's memory grew from {first >> 20} to {second >> 20} MiB.");
    }

    private async Task AssertStoredAsync(NpgsqlDataSource logs, FuzzRun run)
    {
        var missing = await Eventually.SeesAsync(
            $"all {run.Acknowledged.Count} acknowledged events in the store",
            _ => logs.CountAsync(
                "SELECT count(*) FROM unnest($1) AS sent (id) WHERE NOT EXISTS (SELECT FROM log_events e WHERE e.id = sent.id)", run.Acknowledged.Keys.ToArray()),
            missing => missing == 0,
            Patience);
        output.WriteLine($"{missing} acknowledged events missing in the store");

        var good = run.Good.ToArray();
        var changed = await logs.ListAsync<Guid>(
            """
            SELECT e.id FROM unnest($1, $2) AS sent (id, hash) JOIN log_events e ON e.id = sent.id
            WHERE left(encode(sha256(convert_to(e.message, 'UTF8')), 'hex'), 32) <> sent.hash
            """,
            good.Select(sent => sent.Key).ToArray(),
            good.Select(sent => sent.Value).ToArray());
        Assert.True(changed.Count == 0, $"Stored with another message than sent: {string.Join(", ", changed.Take(10))}");
    }

    // proc_pid_status(5).
    private static long ResidentBytes(int process)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
