using System.Diagnostics;

namespace LogPartitioning.Tests.Integration;

/// <summary>Waits for something to become true.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks again and again until <paramref name="expected"/> holds for what is seen.</summary>
    /// <returns>What was seen then.</returns>
    /// <exception cref="TimeoutException">It did not in time; the message says what was seen last.</exception>
    public static async Task<T> SeesAsync<T>(string what, Func<CancellationToken, Task<T>> look, Func<T, bool> expected, TimeSpan timeout)
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

                await Task.Delay(Interval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{what}: not after {watch.Elapsed.TotalSeconds:0.0} s. Last seen: {last}");
        }
    }
}
