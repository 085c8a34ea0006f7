using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Tests.Gateway.Requests;

public sealed class BoundedTurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_waits_in_vain_is_told_and_stands_in_nobodys_way()
    {
        var turns = new BoundedTurns("busy", atOnce: 2, waiting: 2, TimeSpan.FromMilliseconds(50));
        var first = await turns.TakeAsync(1, CancellationToken.None);

        // One that is too heavy for what is free waits, and nobody overtakes it while it does.
        Assert.Equal("busy", (await Assert.ThrowsAsync<BusyException>(() => turns.TakeAsync(2, CancellationToken.None))).Message);

        (await turns.TakeAsync(1, CancellationToken.None)).Dispose();
        first.Dispose();
        (await turns.TakeAsync(2, CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task Never_more_than_may_are_at_once_and_all_is_given_back()
    {
        var turns = new BoundedTurns("busy", atOnce: 5, waiting: 10, TimeSpan.FromSeconds(1));
        var (now, most, refused) = (0, 0, 0);

        // All is taken until somebody was refused: on a busy machine each thread may be through with its turns before the next one begins.
        var all = await turns.TakeAsync(5, CancellationToken.None);
        // Threads of their own: the pool may have one to give, and that would see each of these through before the next.
        var taking = Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Factory.StartNew(() => TakeTurns(new Random(seed)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref refused) > 0, Patience), "Nobody was refused, with all taken and more than may wait.");
        all.Dispose();
        await taking;

        Assert.InRange(most, 1, 5);
        Assert.InRange(refused, 1, 3999);
        (await turns.TakeAsync(5, CancellationToken.None)).Dispose();

        void TakeTurns(Random random)
        {
            for (var i = 0; i < 500; i++)
            {
                var weight = random.Next(1, 6);
                using var leaving = new CancellationTokenSource();
                leaving.CancelAfter(random.Next(5) == 0 ? TimeSpan.FromMicroseconds(random.Next(500)) : Patience);
                try
                {
                    using var turn = turns.TakeAsync(weight, leaving.Token).GetAwaiter().GetResult();
                    InterlockedMax(ref most, Interlocked.Add(ref now, weight));
                    Thread.Yield();
                    var less = random.Next(1, weight + 1);
                    Interlocked.Add(ref now, less - weight);
                    turn.Lighten(less);
                    Thread.Yield();
                    Interlocked.Add(ref now, -less);
                }
                catch (Exception e) when (e is BusyException or OperationCanceledException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }
    }

    [Fact]
    public async Task Who_would_be_one_too_many_to_wait_is_told_at_once()
    {
        var turns = new BoundedTurns("busy", atOnce: 1, waiting: 2, Patience);
        var first = await turns.TakeAsync(1, CancellationToken.None);
        var (second, third) = (turns.TakeAsync(1, CancellationToken.None), turns.TakeAsync(1, CancellationToken.None));

        var refused = turns.TakeAsync(1, CancellationToken.None);

        Assert.True(refused.IsFaulted, $"It was to be refused at once; {refused.Status}.");
        await Assert.ThrowsAsync<BusyException>(() => refused);
        first.Dispose();
        (await second).Dispose();
        (await third).Dispose();
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
