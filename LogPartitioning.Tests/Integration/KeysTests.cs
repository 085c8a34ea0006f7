using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Services;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;
using LogPartitioning.Tests.ServiceDefaults.Access;

namespace LogPartitioning.Tests.Integration;

/// <summary>The whole application with keys, and its gateway on HTTPS beside loopback.</summary>
public sealed class KeysTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    [PrometheusFact(Servers = true)]
    public async Task With_keys_strangers_get_nothing_and_the_parts_go_on_talking_to_each_other()
    {
        using var folder = new TemporaryFolder();
        var certificate = ServerCertificate.CreateIn(folder.Path);
        var httpsPort = new LoopbackPorts(random: true).Any();
        await File.WriteAllTextAsync(folder.At("keys.json"), $$"""
            { "keys": [
              { "name": "all", "sha256": "{{ProtectedService.HashOf(ProtectedService.KeyOf("all"))}}", "roles": ["write", "read", "operate"] }
            ] }
            """);
        await using var application = await RunningApplication.StartAsync(new()
        {
            ConsumerReplicas = 1,
            Settings = new Dictionary<string, string>
            {
                ["StoreOwnLogs"] = "true",
                ["ApiKeys:File"] = folder.At("keys.json"),
                ["Kestrel:Endpoints:Https:Url"] = $"https://127.0.0.1:{httpsPort}",
                ["Kestrel:Endpoints:Https:Certificate:Path"] = certificate.CertificateFile,
                ["Kestrel:Endpoints:Https:Certificate:KeyPath"] = certificate.KeyFile,
            },
        });
        foreach (var service in new[] { "gateway", "producer", "consumer-1" })
        {
            using var answer = await application.Client(service).GetAsync(new Uri("/metrics", UriKind.Relative));
            Assert.Equal((service, HttpStatusCode.Unauthorized), (service, answer.StatusCode));
        }

        // A client, through gateway and producer, over HTTPS and HTTP/2.
        using var https = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=localhost" } })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{httpsPort}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", ProtectedService.KeyOf("all")) },
        };
        using var sent = await https.PostAsJsonAsync("/api/logs", new { source = "with-a-key", message = "stored" });
        Assert.Equal((HttpStatusCode.Accepted, HttpVersion.Version20), (sent.StatusCode, sent.Version));
        await Eventually.SeesAsync(
            "the event", async token => (await https.GetFromJsonAsync<JsonElement>("/api/logs?source=with-a-key", token)).GetProperty("items").GetArrayLength(), count => count == 1, s_patience);

        // The services' own logs, which come the same way.
        foreach (var service in (string[])["producer", "gateway", "consumer-1"])
        {
            await Eventually.SeesAsync(
                $"what {service} says of itself", async token => (await https.GetFromJsonAsync<JsonElement>($"/api/logs?source={service}", token)).GetProperty("items").GetArrayLength(), count => count > 0, s_patience);
        }

        // The dashboard's command, and Prometheus.
        using var timeout = new CancellationTokenSource(s_patience);
        var command = await application.TryCommandAsync("producer", TestEventsCommand.Name, timeout.Token);
        Assert.True(command.Success, command.Message);
        using var prometheus = application.Application.CreateHttpClient("prometheus", "http");
        var up = await Eventually.SeesAsync(
            "every service scraped",
            async token => (await prometheus.GetFromJsonAsync<JsonElement>("/api/v1/query?query=up", token)).GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(series => $"{series.GetProperty("metric").GetProperty("instance")} {series.GetProperty("value")[1]}").Order(StringComparer.Ordinal).ToList(),
            series => series.SequenceEqual(["consumer-1 1", "gateway 1", "producer 1"]),
            s_patience);
        Assert.Equal(3, up.Count);
    }
}
