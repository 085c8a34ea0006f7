using System.Text.Json;

namespace LogPartitioning.Gateway.Console;

/// <summary>What the browser draws, as an attribute of the element that draws it.</summary>
internal static class ChartData
{
    /// <summary>Curves over common times.</summary>
    public static string Of(IEnumerable<DateTimeOffset> times, params IReadOnlyList<(string Name, IEnumerable<double> Values)> series) => JsonSerializer.Serialize(
        new { times = times.Select(time => time.ToUnixTimeMilliseconds() / 1000.0), series = series.Select(one => new { name = one.Name, values = one.Values }) });

    /// <summary>Rows of values over common times.</summary>
    public static string Heat(IEnumerable<DateTimeOffset> times, IEnumerable<(string Name, IEnumerable<double> Values)> rows) => JsonSerializer.Serialize(
        new { times = times.Select(time => time.ToUnixTimeMilliseconds() / 1000.0), rows = rows.Select(row => new { name = row.Name, values = row.Values }) });
}
