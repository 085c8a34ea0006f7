using LogPartitioning.LoadTest.Sending;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.LoadTest.Sending;

public sealed class PaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Without_a_rate_a_whole_batch_is_due_at_once() =>
        Assert.Equal(100, await new Pace(0, _time).WaitAsync(100, CancellationToken.None));

    [Fact]
    public async Task Events_are_due_at_their_rate()
    {
        var pace = new Pace(10, _time);
        var due = pace.WaitAsync(100, CancellationToken.None).AsTask();
        Assert.False(due.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, await due.WaitAsync(TimeSpan.FromSeconds(10)));
        pace.Sent(1);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(5, await pace.WaitAsync(100, CancellationToken.None));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(7_000)]
    public async Task A_rate_is_kept_over_a_long_time_whatever_the_batches(double rate)
    {
        var pace = new Pace(rate, _time);
        long sent = 0;
        for (var step = 0; step < 5_000; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            var due = pace.WaitAsync(100, CancellationToken.None);
            while (due.IsCompleted)
            {
                var events = await due;
                pace.Sent(events);
                sent += events;
                due = pace.WaitAsync(100, CancellationToken.None);
            }
        }

        Assert.InRange(sent, (rate * 100) - 1, (rate * 100) + 1);
    }

    [Fact]
    public async Task After_a_stall_at_most_one_second_is_made_up_for()
    {
        var pace = new Pace(50, _time);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(50, await pace.WaitAsync(1_000, CancellationToken.None));
        pace.Sent(50);

        var next = pace.WaitAsync(1_000, CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(1, await next.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var due = new Pace(0.001, _time).WaitAsync(1, cancel.Token).AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => due);
    }
}
