using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

[Trait("Category", "Brokers")]
[Collection(SharedApplication.Name)]
public sealed class AssignmentTests(ApplicationFixture fixture)
{
    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Twelve_partitions_are_spread_over_one_three_and_four_instances()
    {
        await GroupAssignment.SeesSpreadAsync(_application, "3+3+3+3");

        await _application.StopAsync("consumer-4");
        await GroupAssignment.SeesSpreadAsync(_application, "4+4+4");

        await _application.StopAsync("consumer-3");
        await _application.StopAsync("consumer-2");
        await GroupAssignment.SeesSpreadAsync(_application, "12");

        foreach (var stopped in new[] { "consumer-2", "consumer-3", "consumer-4" })
        {
            await _application.StartAsync(stopped);
        }

        await GroupAssignment.SeesSpreadAsync(_application, "3+3+3+3");
    }
}
