using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Clients;

/// <summary>Loggers for Node.js with what sends their logs by OTLP and to Seq, Loki and Elasticsearch, as they come.</summary>
[Collection(SharedApplication.Name)]
[Trait("Category", "Slow")]
public sealed class NodeClientTests(ApplicationFixture fixture, NodeClients clients) : IClassFixture<NodeClients>
{
    [SkippableTheory]
    [InlineData("otlp-grpc")]
    [InlineData("otlp-http")]
    [InlineData("otlp-proto")]
    [InlineData("pino-seq")]
    [InlineData("winston-loki")]
    public async Task Everything_is_stored_once_and_in_order_when_the_producer_is_killed(string client)
    {
        var stored = await StoredAsync(client, isKilled: true);
        stored.AssertOnce();
        stored.AssertInOrder();
    }

    /// <summary>It sends the newest event first, and all of a request again of which one was not taken.</summary>
    [SkippableTheory]
    [InlineData("winston-elasticsearch")]
    public Task Everything_is_stored_when_the_producer_is_killed(string client) => StoredAsync(client, isKilled: true);

    /// <summary>They drop what is not taken at once, so nothing is killed.</summary>
    [SkippableTheory]
    [InlineData("pino-elasticsearch")]
    [InlineData("pino-loki")]
    public async Task Everything_of_a_client_that_sends_nothing_again_is_stored_once(string client) => (await StoredAsync(client, isKilled: false)).AssertOnce();

    private async Task<StoredNumbers> StoredAsync(string client, bool isKilled)
    {
        Skip.If(InstalledServersProbe.WhatIsMissing is not null && !InstalledServersProbe.OnCi, InstalledServersProbe.WhatIsMissing);
        Skip.If(clients.WhatIsMissing is not null, $"{client}: {clients.WhatIsMissing}");
        var run = new ClientRun(fixture.Application, client);
        return await run.StoresAllAsync(() => clients.RunAsync(client, run), isKilled);
    }
}
