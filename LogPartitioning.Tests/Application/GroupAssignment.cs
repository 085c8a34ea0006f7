using System.Net.Http.Json;
using System.Text.Json;

namespace LogPartitioning.Tests.Application;

/// <summary>The consumer group as its own endpoints show it.</summary>
internal static class GroupAssignment
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
    private static async Task<IReadOnlyDictionary<string, int>> AssignedAsync(RunningApplication application, CancellationToken cancellationToken)
    {
        var group = await application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/assigned-partitions", cancellationToken);
        return group.GetProperty("instances").EnumerateArray().ToDictionary(
            i => i.GetProperty("instance").GetString()!,
            i => i.GetProperty("workers").EnumerateArray().Sum(w => w.GetProperty("partitions").GetArrayLength()));
    }
}
