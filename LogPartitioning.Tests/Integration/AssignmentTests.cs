using System.Net.Http.Json;
using System.Text.Json;

namespace LogPartitioning.Tests.Integration;

[Collection(SharedApplication.Name)]
public sealed class AssignmentTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);
    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Twelve_partitions_are_spread_over_one_three_and_four_instances()
    {
        await SeesSpreadAsync("3+3+3+3");

        await _application.StopAsync("consumer-4");
        await SeesSpreadAsync("4+4+4");

        await _application.StopAsync("consumer-3");
        await _application.StopAsync("consumer-2");
        await SeesSpreadAsync("12");

        foreach (var stopped in new[] { "consumer-2", "consumer-3", "consumer-4" })
        {
            await _application.StartAsync(stopped);
        }

        await SeesSpreadAsync("3+3+3+3");
    }

    private async Task SeesSpreadAsync(string expected) =>
        await Eventually.SeesAsync($"partitions spread {expected}", SpreadAsync, spread => spread == expected, Settling);

    private async Task<string> SpreadAsync(CancellationToken cancellationToken)
    {
        var group = await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/assigned-partitions", cancellationToken);
        var counts = group.GetProperty("instances").EnumerateArray()
            .Select(instance => instance.GetProperty("workers").EnumerateArray().Sum(worker => worker.GetProperty("partitions").GetArrayLength()))
            .Where(count => count > 0)
            .OrderDescending();
        return string.Join('+', counts);
    }
}
