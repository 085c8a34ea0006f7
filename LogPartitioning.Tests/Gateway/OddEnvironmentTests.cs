using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Gateway;

/// <summary>The gateway as a process of its own, started from a shell with variables that its driver reads by itself.</summary>
[Collection(PostgresTests.Name)]
public sealed class OddEnvironmentTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [PostgresFact]
    public async Task Text_is_asked_for_and_read_as_it_is_stored_whatever_encoding_the_shell_names()
    {
        await Database.ExecuteAsync(
            """INSERT INTO log_events (id, partition, "offset", source, key, level, message, timestamp) VALUES (gen_random_uuid(), 0, 0, 'Größe', 'Größe', 2, 'Grüße, Ángel ”', now())""");
        var address = $"http://127.0.0.1:{new LoopbackPorts(random: true).Any()}";
        using var gateway = ChildProgram.Start(
            Path.Combine(AppContext.BaseDirectory.Replace("LogPartitioning.Tests", "LogPartitioning.Gateway", StringComparison.Ordinal), "LogPartitioning.Gateway"),
            ["--urls", address],
            new Dictionary<string, string>
            {
                ["ConnectionStrings__logs"] = Database.ConnectionString,
                ["ConnectionStrings__kafka"] = "127.0.0.1:1",
                ["ConnectionStrings__redis"] = "127.0.0.1:1",
                ["PGCLIENTENCODING"] = "WIN1252",
                ["PGTZ"] = "Asia/Tokyo",
                ["LC_ALL"] = "tr_TR.UTF-8",
                ["http_proxy"] = "http://127.0.0.1:1",
            });
        using var client = new HttpClient { BaseAddress = new(address) };

        var answer = await Eventually.SeesAsync(
            "an answer of the gateway",
            async token =>
            {
                Assert.False(gateway.HasExited, gateway.Output);
                return await client.GetStringAsync(new Uri("/api/logs?source=Gr%C3%B6%C3%9Fe&contains=%C3%81ngel%20%E2%80%9D", UriKind.Relative), token);
            },
            text => text.Contains("\"items\"", StringComparison.Ordinal),
            Patience);

        Assert.Contains("\"message\":\"Grüße, Ángel ”\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"source\":\"Größe\"", answer, StringComparison.Ordinal);
    }
}
