using System.Diagnostics;

namespace LogPartitioning.Tests.LoadTest.Sending;

/// <summary>Waits for a condition instead of for a time.</summary>
internal static class Until
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <exception cref="TimeoutException">The deadline passed; the message says what was seen last.</exception>
    public static async Task TrueAsync(Func<bool> condition, Func<string> seen, TimeSpan deadline)
    {
        var startedAt = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(startedAt) > deadline)
            {
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0} s; last seen: {seen()}");
            }

            await Task.Delay(Look);
        }
    }
}
