using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Tests.Producer.Delivery;

/// <summary>The bound of all records that wait, whichever client has them.</summary>
public sealed class QueuedRecordsTests
{
    [Theory]
    [InlineData(3, 1_000, 10, 3)]
    [InlineData(1_000, 30, 10, 3)]
    [InlineData(1_000, 29, 10, 2)]
    public void No_more_enter_than_there_is_room_for(int maxRecords, int maxBytes, int bytes, int places)
    {
        var queued = new QueuedRecords(maxRecords, maxBytes);
        Assert.Equal(places, Enumerable.Range(0, 10).Count(_ => queued.TryEnter(bytes)));
        Assert.Equal(places, queued.Count);

        queued.Leave(bytes);
        Assert.True(queued.TryEnter(bytes));
        Assert.False(queued.TryEnter(bytes));
    }

    [Fact]
    public void What_was_refused_takes_no_place()
    {
        var queued = new QueuedRecords(10, 100);
        Assert.True(queued.TryEnter(90));
        Assert.False(queued.TryEnter(11));
        Assert.True(queued.TryEnter(10));
        queued.Leave(90);
        queued.Leave(10);
        Assert.Equal(0, queued.Count);
        Assert.True(queued.TryEnter(100));
    }

    [Fact]
    public async Task It_holds_while_many_come_and_go()
    {
        var queued = new QueuedRecords(8, 80);
        var (inside, tooMany) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (!queued.TryEnter(30))
                {
                    continue;
                }

                if (Interlocked.Increment(ref inside) > 2)
                {
                    Interlocked.Increment(ref tooMany);
                }

                Interlocked.Decrement(ref inside);
                queued.Leave(30);
            }
        })));
        Assert.Equal(0, tooMany);
        Assert.Equal(0, queued.Count);
    }
}
