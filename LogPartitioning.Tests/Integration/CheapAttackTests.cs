using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Door;
using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Integration;

/// <summary>What costs an attacker little must not cost the others much: their events are taken as before, and no service grows.</summary>
[Trait("Category", "Slow")]
[Collection(Name)]
public sealed class CheapAttackTests(ITestOutputHelper output)
{
    private const string Name = "Cheap attacks";
    private const int SlowConnections = 320;
    private const int IdleConnections = 1000;
    private const int HeldBytes = 1024 * 1024;

    /// <summary>
    /// Some 180 are a service's without an attack, 64 the bodies' that it may hold, 20 what is unread of these connections, and the rest what waits
    /// to be collected. The bodies that are held back here would be 320 more.
    /// </summary>
    private const int MaxMegabytes = 400;

    /// <summary>What slows the machine down for one window is no attack's doing: an attack that costs the others much does so each time.</summary>
    private const int Windows = 3;

    /// <summary>Ten times what is measured on a quiet machine.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);
    private static readonly string[] s_services = ["gateway", "producer"];
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(8);

    [ServerFact]
    public async Task Anothers_events_are_taken_as_before_and_the_services_stay_small()
    {
        await using var application = await RunningApplication.StartAsync(new() { ConsumerReplicas = 1 });
        var gateway = application.Gateway.BaseAddress!;
        var producer = application.Producer.BaseAddress!;
        await WriteAsync(application, s_time);
        await SeeAsync("no attack", () => Task.FromResult<IAsyncDisposable>(new Connections()));
        await SeeAsync($"{IdleConnections} idle connections", async () => await IdleAsync(gateway));
        await SeeAsync($"{SlowConnections} slow connections", async () => await SlowSenders.StartAsync(SlowConnections, gateway, "/api/logs", 1, 2048));
        await SeeAsync($"{SlowConnections} that hold 1 MiB each", async () => await SlowSenders.StartAsync(SlowConnections, producer, "/api/logs", HeldBytes, 2048));
        foreach (var (name, parts, status) in Requests())
        {
            await SeeAsync(name, () => Task.FromResult<IAsyncDisposable>(new Sending(SendAsync(gateway, parts, status))));
        }

        async Task SeeAsync(string attack, Func<Task<IAsyncDisposable>> attackAsync)
        {
            var seen = new List<TimeSpan>();
            do
            {
                await using var attacking = await attackAsync();
                var waits = await WriteAsync(application, s_time);
                seen.Add(At(waits, 0.99));
                var megabytes = s_services.Select(service => (service, MegabytesOf(application, service))).ToList();
                output.WriteLine(
                    $"{attack}: {waits.Count} events, p50 {At(waits, 0.5).TotalMilliseconds:0.0} ms, p99 {At(waits, 0.99).TotalMilliseconds:0.0} ms, longest {At(waits, 1).TotalMilliseconds:0.0} ms; {string.Join(", ", megabytes.Select(service => $"{service.Item1} {service.Item2} MB"))}");
                if (attacking is SlowSenders slow)
                {
                    output.WriteLine(Told(slow));
                }
                Assert.All(megabytes, service => Assert.True(service.Item2 < MaxMegabytes, $"{attack}: the {service.Item1} was to hold less than {MaxMegabytes} MB, and holds {service.Item2}."));
            }
            while (seen[^1] >= s_longest && seen.Count < Windows);
            Assert.True(seen[^1] < s_longest, $"{attack}: 99 of 100 events were to be answered within {s_longest.TotalSeconds} s; within {string.Join(", ", seen.Select(s => s.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture)))} s in {Windows} windows.");
        }
    }

    /// <summary>Writes event by event, and sees each taken.</summary>
    /// <returns>How long each took.</returns>
    private static async Task<List<TimeSpan>> WriteAsync(RunningApplication application, TimeSpan time)
    {
        var waits = new List<TimeSpan>();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var sent = Stopwatch.GetTimestamp();
            using var answer = await application.Gateway.PostAsJsonAsync("/api/logs", new { source = "another", message = "m" });
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            waits.Add(Stopwatch.GetElapsedTime(sent));
        }

        return waits;
    }

    /// <summary>What is small on the way and large where it is taken apart, and what it is to be answered.</summary>
    private static IEnumerable<(string Name, byte[][] Parts, int Status)> Requests()
    {
        var bomb = Bomb();
        yield return ("gzip bombs", [RawRequest.Head("POST /api/logs", "Content-Type: application/json", "Content-Encoding: gzip", $"Content-Length: {bomb.Length}"), bomb], 415);
        yield return ("10,000 parameters", [RawRequest.Head($"GET /api/logs?{string.Join('&', Enumerable.Range(0, 10_000).Select(i => $"a{i}"))}")], 414);
        yield return ("10,000 ranges", [RawRequest.Head("GET /api/logs", $"Range: bytes={string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"{i}-{i}"))}")], 431);
    }

    private static async Task SendAsync(Uri server, byte[][] parts, int status)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < s_time)
        {
            Assert.Equal(status, (await RawRequest.SendAsync(server, parts)).Status);
        }
    }

    /// <summary>A gigabyte of spaces, which is a megabyte on the way.</summary>
    private static byte[] Bomb()
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest))
        {
            var spaces = Encoding.ASCII.GetBytes(new string(' ', 1024 * 1024));
            for (var i = 0; i < 1024; i++)
            {
                gzip.Write(spaces);
            }
        }

        return bomb.ToArray();
    }

    private static async Task<Connections> IdleAsync(Uri server)
    {
        var connections = new Connections();
        for (var i = 0; i < IdleConnections; i++)
        {
            var client = new TcpClient();
            connections.Add(client);
            await client.ConnectAsync(server.Host, server.Port);
        }

        return connections;
    }

    private static int MegabytesOf(RunningApplication application, string service)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{application.ProcessId(service)}/status");
        var line = File.ReadLines(file).Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return int.Parse(line["VmRSS:".Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024;
    }

    private static string Told(SlowSenders senders) =>
        string.Join(", ", senders.Senders.GroupBy(sender => sender.Status).Select(group => $"{group.Count()} {group.Key?.ToString(CultureInfo.InvariantCulture) ?? "still there"}"));

    private static TimeSpan At(List<TimeSpan> waits, double share) => waits.Order().ElementAt((int)((waits.Count - 1) * share));

    /// <summary>They run alone: how long others wait is measured, and that is to be an attack's doing and no other test's.</summary>
    [CollectionDefinition(Name, DisableParallelization = true)]
    public sealed class Alone;

    private sealed class Connections : List<TcpClient>, IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            ForEach(client => client.Dispose());
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Requests that are sent one after the other until their time is over.</summary>
    private sealed class Sending(Task sending) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(sending);
    }
}
