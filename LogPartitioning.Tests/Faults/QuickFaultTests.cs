using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>The scenarios that every test run has time for, some of them shortened.</summary>
[Trait("Category", "Brokers")]
[Collection(FaultyApplication.Name)]
public sealed class QuickFaultTests(FaultApplication fixture, ITestOutputHelper output)
{
    [ServerFact]
    public Task Consumers_killed_in_the_middle_of_batches() => ConsumerFaults.KilledAsync(fixture.Application, kills: 2, output);

    [ServerFact]
    public Task Redis_is_away() => StoreFaults.RedisAsync(fixture.Application, TimeSpan.FromSeconds(10), output);

    [ServerFact]
    public Task Poison_among_good_records() => InputFaults.PoisonAsync(fixture.Application, output);
}
