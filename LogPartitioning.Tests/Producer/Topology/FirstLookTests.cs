using System.Net;

namespace LogPartitioning.Tests.Producer.Topology;

/// <summary>What a producer that has just started does with a request, before it knows its topics.</summary>
public sealed class FirstLookTests
{
    [Fact]
    public async Task A_request_waits_for_the_first_look_at_the_topics()
    {
        // Port 1 is reserved and refuses: the look ends without an answer.
        await using var producer = await ProducerAlone.StartAsync("127.0.0.1:1", "first-look");

        var (status, answer) = await producer.PostAsync("source", CancellationToken.None);

        Assert.True(producer.Topology.FirstLook.IsCompleted);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The brokers do not answer."), (status, answer["detail"]!.GetValue<string>()));
    }
}
