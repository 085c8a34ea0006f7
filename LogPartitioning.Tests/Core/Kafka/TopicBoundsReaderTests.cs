using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Tests.Core.Kafka;

public sealed class TopicBoundsReaderTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Closed under a call of its own, the client corrupts the process's memory, and a service that was told to stop aborts.</summary>
    [Fact]
    public async Task A_client_whose_call_nobody_waits_for_is_closed_when_the_call_has_ended()
    {
        var reader = new TopicBoundsReader(NobodyAnswers());
        using var given = new CancellationTokenSource();
        var asking = reader.ReadAsync("log-events", given.Token);
        await Eventually.SeesAsync("a client", _ => Task.FromResult(reader.IsOpen), open => open, s_patience);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        reader.Dispose();

        // The brokers are given 10 s to answer.
        Assert.True(reader.IsOpen);
        await Eventually.SeesAsync("the client closed", _ => Task.FromResult(reader.IsOpen), open => !open, s_patience);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.ReadAsync("log-events", CancellationToken.None));
    }

    [Fact]
    public async Task A_client_that_nobody_uses_is_closed_at_once()
    {
        var reader = new TopicBoundsReader(NobodyAnswers());
        await Assert.ThrowsAsync<KafkaException>(() => reader.ReadAsync("log-events", CancellationToken.None));
        Assert.True(reader.IsOpen);

        reader.Dispose();

        Assert.False(reader.IsOpen);
        reader.Dispose();
    }

    // Port 1 is reserved and refuses.
    private static ClientConfig NobodyAnswers() => new() { BootstrapServers = "127.0.0.1:1" };
}
