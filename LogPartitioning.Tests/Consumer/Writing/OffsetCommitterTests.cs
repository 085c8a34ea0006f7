using Confluent.Kafka;

namespace LogPartitioning.Tests.Consumer.Writing;

public sealed class OffsetCommitterTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_commit_that_is_refused_is_repeated_with_the_latest_position()
    {
        using var stop = new CancellationTokenSource();
        _bench.Brokers.Refusal = ErrorCode.RebalanceInProgress;
        var running = _bench.Committer.RunAsync(stop.Token);
        _bench.Committer.Enqueue(0, 10);
        await Bench.UntilAsync("a commit was tried", () => _bench.Brokers.Attempts > 0);
        _bench.Committer.Enqueue(0, 20);
        _bench.Committer.Enqueue(1, 5);
        _bench.Committer.Forget(1);
        _bench.Brokers.Refusal = null;

        await Bench.UntilAsync("the commit was taken", () => _bench.Brokers.Committed.GetValueOrDefault(0) == 20);

        Assert.DoesNotContain(1, _bench.Brokers.Committed.Keys);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
