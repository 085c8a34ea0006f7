using System.Diagnostics;

namespace LogPartitioning.Tests;

/// <summary>Waits for something to become true.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits for what happens in this process, and so within milliseconds as a rule.</summary>
    /// <exception cref="TimeoutException">It did not happen in time.</exception>
    public static Task TrueAsync(string what, Func<bool> condition, TimeSpan timeout) =>
        SeesAsync(what, _ => Task.FromResult(condition()), isTrue => isTrue, timeout, ShortInterval);

    /// <summary>Looks again and again until <paramref name="expected"/> holds for what is seen.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="look">Looks once.</param>
    /// <param name="expected">Whether that is it.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="interval">The time between two looks; 100 ms where it is not given.</param>
    /// <returns>What was seen then.</returns>
    /// <exception cref="TimeoutException">It did not in time; the message says what was seen last.</exception>
    public static async Task<T> SeesAsync<T>(
        string what, Func<CancellationToken, Task<T>> look, Func<T, bool> expected, TimeSpan timeout, TimeSpan? interval = null)
    {
        using var deadline = new CancellationTokenSource(timeout);
        var watch = Stopwatch.StartNew();
        object? last = "nothing";
        try
        {
            while (true)
            {
                try
                {
                    var seen = await look(deadline.Token);
                    if (expected(seen))
                    {
                        return seen;
                    }

                    last = seen;
                }
                catch (HttpRequestException e)
                {
                    last = e.Message; // a service that is not up yet
                }

                await Task.Delay(interval ?? Interval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{what}: not after {watch.Elapsed.TotalSeconds:0.0} s. Last seen: {last}");
        }
    }
}
