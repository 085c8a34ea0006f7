using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Clients;

/// <summary>Loggers for Node.js with what sends their logs by OTLP and to Seq, Loki and Elasticsearch, as they come.</summary>
[Collection(SharedApplication.Name)]
[Trait("Category", "Slow")]
public sealed class NodeClientTests(ApplicationFixture fixture, NodeClients clients) : IClassFixture<NodeClients>
{
    /// <summary>Some send again, others give up within a moment or some seconds: for those the gateway sends again.</summary>
    /// <param name="client">The client.</param>
    /// <param name="isOneByOne">Whether it sends a request when the one before is answered: only then there is an order.</param>
    [SkippableTheory]
    [InlineData("otlp-grpc", true)]
    [InlineData("otlp-http", true)]
    [InlineData("otlp-proto", true)]
    [InlineData("pino-elasticsearch", false)]
    [InlineData("pino-loki", false)]
    [InlineData("pino-seq", true)]
    [InlineData("winston-elasticsearch", false)]
    [InlineData("winston-loki", true)]
    public async Task Everything_is_stored_once_when_the_producer_is_killed(string client, bool isOneByOne)
    {
        Skip.If(InstalledServersProbe.WhatIsMissing is not null && !InstalledServersProbe.OnCi, InstalledServersProbe.WhatIsMissing);
        Skip.If(clients.WhatIsMissing is not null, $"{client}: {clients.WhatIsMissing}");
        var run = new ClientRun(fixture.Application, client);
        var stored = await run.StoresAllAsync(() => clients.RunAsync(client, run));
        stored.AssertOnce();
        if (isOneByOne)
        {
            stored.AssertInOrder();
        }
    }
}
