using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Clients;

/// <summary>Loggers for Node.js with what sends their logs by OTLP and to Seq, Loki and Elasticsearch, as they come.</summary>
[Collection(SharedApplication.Name)]
[Trait("Category", "Slow")]
public sealed class NodeClientTests(ApplicationFixture fixture, NodeClients clients) : IClassFixture<NodeClients>
{
    [SkippableTheory]
    [InlineData("pino-seq")]
    [InlineData("winston-loki")]
    public async Task Everything_is_stored_once_and_in_order_when_the_producer_is_killed(string client)
    {
        var stored = await StoredAsync(client, isKilled: true);
        stored.AssertOnce();
        stored.AssertInOrder();
    }

    /// <summary>They drop what is not taken at once, or within some seconds, so nothing is killed.</summary>
    [SkippableTheory]
    [InlineData("otlp-grpc")]
    [InlineData("otlp-http")]
    [InlineData("otlp-proto")]
    [InlineData("pino-elasticsearch")]
    [InlineData("pino-loki")]
    [InlineData("winston-elasticsearch")]
    public async Task Everything_of_a_client_that_soon_gives_up_is_stored_once(string client) => (await StoredAsync(client, isKilled: false)).AssertOnce();

    private async Task<StoredNumbers> StoredAsync(string client, bool isKilled)
    {
        Skip.If(InstalledServersProbe.WhatIsMissing is not null && !InstalledServersProbe.OnCi, InstalledServersProbe.WhatIsMissing);
        Skip.If(clients.WhatIsMissing is not null, $"{client}: {clients.WhatIsMissing}");
        var run = new ClientRun(fixture.Application, client);
        return await run.StoresAllAsync(() => clients.RunAsync(client, run), isKilled);
    }
}
