using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace LogPartitioning.Tests.Integration;

/// <summary>The consumer group as its own endpoints show it.</summary>
internal static class Group
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the partitions are spread so over the instances, e.g. <c>4+4+4</c>.</summary>
    public static async Task SeesSpreadAsync(RunningApplication application, string expected) => await Eventually.SeesAsync(
        $"partitions spread {expected}",
        async token => string.Join('+', (await AssignedAsync(application, token)).Values.Where(n => n > 0).OrderDescending()),
        spread => spread == expected,
        Settling);

    /// <summary>Waits until an instance has partitions.</summary>
    public static async Task SeesMemberAsync(RunningApplication application, string instance) => await Eventually.SeesAsync(
        $"{instance} with partitions",
        token => AssignedAsync(application, token),
        assigned => assigned.GetValueOrDefault(instance) > 0,
        Settling);

    /// <summary>Partitions of each instance.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> AssignedAsync(RunningApplication application, CancellationToken cancellationToken)
    {
        var group = await application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/assigned-partitions", cancellationToken);
        return group.GetProperty("instances").EnumerateArray().ToDictionary(
            i => i.GetProperty("instance").GetString()!,
            i => i.GetProperty("workers").EnumerateArray().Sum(w => w.GetProperty("partitions").GetArrayLength()));
    }

    /// <summary>A counter of each instance, as <see cref="CounterAsync"/>.</summary>
    public static async Task<Dictionary<string, double>> CountersAsync(RunningApplication application, string name, CancellationToken cancellationToken)
    {
        var counts = await Task.WhenAll(application.Consumers.Select(async c => (Instance: c, Count: await CounterAsync(application, c, name, cancellationToken))));
        return counts.ToDictionary(c => c.Instance, c => c.Count);
    }

    /// <summary>The sum of a counter over its labels, as an instance's own metrics tell it; 0 before it counts anything.</summary>
    public static async Task<double> CounterAsync(RunningApplication application, string instance, string name, CancellationToken cancellationToken)
    {
        var metrics = await application.Client(instance).GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        return metrics.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => line[(line.StartsWith(name + "{", StringComparison.Ordinal) ? line.LastIndexOf('}') + 1 : name.Length)..].Trim().Split(' ')[0])
            .Sum(value => double.Parse(value, CultureInfo.InvariantCulture));
    }
}
