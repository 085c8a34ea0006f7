using System.Diagnostics;
using System.Globalization;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>How long something took, again and again.</summary>
internal sealed class Timings
{
    private readonly List<double> _milliseconds = [];

    /// <summary>Runs of which one did not come to its end within the time it has.</summary>
    private int _ended;

    public int Count => _milliseconds.Count;

    public double Median => At(0.5);

    public double Total => _milliseconds.Sum();

    /// <summary>Runs something and keeps its time, also where its time was up.</summary>
    public async Task MeasureAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await work();
        }
        catch (TimeoutException)
        {
            _ended++;
        }

        _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Median, and 99 of 100, as cells of a table.</summary>
    public string Cells() => $"{Text(Median)} | {Text(At(0.99))}{(_ended == 0 ? "" : $" ({_ended} ended)")}";

    public static string Text(double milliseconds) => milliseconds < 100
        ? milliseconds.ToString("0.0", CultureInfo.InvariantCulture)
        : milliseconds.ToString("#,0", CultureInfo.InvariantCulture);

    private double At(double share)
    {
        var sorted = _milliseconds.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
