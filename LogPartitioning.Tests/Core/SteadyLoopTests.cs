using System.Collections.Concurrent;
using LogPartitioning.Core;

namespace LogPartitioning.Tests.Core;

public sealed class SteadyLoopTests : IDisposable
{
    private const int Failed = 2301;
    private const int WorksAgain = 2302;

    private readonly List<int> _logged = [];
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private readonly SteadyLoop _loop;
    private int _count;

    public SteadyLoopTests() => _loop = new("Work", new HurriedTime(), new LogListener<SteadyLoop>((_, id) => _logged.Add(id.Id)));

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task A_failure_of_any_kind_ends_nothing_and_each_cause_is_told_once()
    {
        await _loop.EveryAsync(TimeSpan.FromSeconds(1), _ => ++_count switch
        {
            100 => _stop.CancelAsync(),
            > 50 => Task.CompletedTask,
            var i when i % 2 == 0 => throw new InvalidOperationException($"the same, at {i}"),
            _ => Task.FromException(new OperationCanceledException("not by us")),
        }, _stop.Token);

        Assert.Equal(100, _count);
        Assert.Equal([Failed, Failed, WorksAgain], _logged);
    }

    [Fact]
    public async Task What_ends_by_itself_is_done_and_what_throws_is_begun_again()
    {
        await _loop.UntilDoneAsync(_ => ++_count < 5 ? throw new IOException("away") : Task.CompletedTask, _stop.Token);

        Assert.Equal(5, _count);
        Assert.Equal([Failed], _logged);
    }

    [Fact]
    public async Task Being_stopped_is_no_failure()
    {
        await _loop.UntilDoneAsync(
            async token =>
            {
                await _stop.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            _stop.Token);
        await _loop.EveryAsync(TimeSpan.FromSeconds(1), _ => throw new InvalidOperationException(), _stop.Token);

        Assert.Empty(_logged);
    }

    [Fact]
    public async Task Waits_after_failures_may_be_longer_ones()
    {
        var time = new HurriedTime();
        var loop = new SteadyLoop("Work", time, new LogListener<SteadyLoop>((_, _) => { }), new(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30)));

        await loop.EveryAsync(TimeSpan.FromSeconds(1), _ => ++_count == 4 ? _stop.CancelAsync() : throw new IOException("away"), _stop.Token);

        Assert.Equal([10, 20, 30], time.Waits.Where(wait => wait > TimeSpan.FromMinutes(1)).Select(wait => wait.TotalMinutes).Zip([10, 20, 30], (wait, most) => wait >= most / 2.0 && wait <= most ? most : (int)wait));
    }

    /// <summary>Waits are over at once.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public ConcurrentQueue<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Enqueue(dueTime);
            return base.CreateTimer(
                callback, state,
                dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime,
                period > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : period);
        }
    }
}
