using System.Collections.Concurrent;
using System.Globalization;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>
/// Asks the parts of an application again and again while a run lasts, each by itself, so that it can be said afterwards which of them
/// were slow at a time, and which answered as ever.
/// </summary>
internal sealed class PartWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentQueue<Asked> _asked = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <param name="parts">How to ask each part.</param>
    public PartWatch(IReadOnlyDictionary<string, Func<CancellationToken, Task>> parts)
    {
        // That nothing is slow but this machine can be the case too.
        var all = parts.Append(new("a wait of 10 ms here", token => Task.Delay(10, token)));
        _watching = Task.WhenAll(all.Select(part => Task.Run(() => WatchAsync(part.Key, part.Value))));
    }

    /// <summary>The longest answer of each part to what it was asked at a time, the slowest first.</summary>
    public string Slowest(DateTimeOffset from, DateTimeOffset to)
    {
        var meanwhile = _asked.Where(a => a.At <= to && a.At + a.Took >= from).GroupBy(a => a.Part);
        return string.Join("; ", meanwhile.Select(part => part.MaxBy(a => a.Took)!).OrderByDescending(a => a.Took).Select(a =>
            string.Create(CultureInfo.InvariantCulture, $"{a.Part}: {a.Took.TotalSeconds:0.00} s from {a.At:HH:mm:ss.f}{(a.Failure is null ? "" : ", " + a.Failure)}")));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync(string part, Func<CancellationToken, Task> ask)
    {
        while (!_stop.IsCancellationRequested)
        {
            var at = DateTimeOffset.UtcNow;
            string? failure = null;
            try
            {
                await ask(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                failure = e.Message; // That is an answer too.
            }

            _asked.Enqueue(new(part, at, DateTimeOffset.UtcNow - at, failure));
            await Task.Delay(Interval, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed record Asked(string Part, DateTimeOffset At, TimeSpan Took, string? Failure);
}
