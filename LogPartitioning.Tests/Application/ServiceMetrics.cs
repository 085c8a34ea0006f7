using System.Globalization;

namespace LogPartitioning.Tests.Application;

/// <summary>The counters of the services, as each exports them itself.</summary>
internal static class ServiceMetrics
{
    /// <summary>A counter of each consumer instance, as <see cref="CounterAsync"/>.</summary>
    public static async Task<Dictionary<string, double>> CountersAsync(RunningApplication application, string name, CancellationToken cancellationToken)
    {
        var counts = await Task.WhenAll(application.Consumers.Select(async c => (Instance: c, Count: await CounterAsync(application, c, name, cancellationToken))));
        return counts.ToDictionary(c => c.Instance, c => c.Count);
    }

    /// <summary>The sum of a service's counter over its labels; 0 before it counts anything.</summary>
    public static async Task<double> CounterAsync(RunningApplication application, string service, string name, CancellationToken cancellationToken)
    {
        var metrics = await application.Client(service).GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        return metrics.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => line[(line.StartsWith(name + "{", StringComparison.Ordinal) ? line.LastIndexOf('}') + 1 : name.Length)..].Trim().Split(' ')[0])
            .Sum(value => double.Parse(value, CultureInfo.InvariantCulture));
    }
}
