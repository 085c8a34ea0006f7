using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>All scenarios in full.</summary>
[Collection(FaultyApplication.Name)]
[Trait("Category", "Faults")]
public sealed class FaultTests(FaultApplication fixture, ITestOutputHelper output)
{
    [ServerFact]
    public Task S01_Consumers_killed_in_the_middle_of_batches() => FaultReport.AddAsync(() => ConsumerFaults.KilledAsync(fixture.Application, kills: 20, output));

    [ServerFact]
    public Task S02_A_frozen_consumer_is_fenced_and_joins_again() => FaultReport.AddAsync(() => ConsumerFaults.FrozenAsync(fixture.Application, output));

    [ServerFact]
    public Task S03_One_broker_killed_and_another() => FaultReport.AddAsync(() => BrokerFaults.OneKilledAsync(fixture.Application, output));

    [ServerFact]
    public Task S04_Two_brokers_down() => FaultReport.AddAsync(() => BrokerFaults.TwoDownAsync(fixture.Application, output));

    [ServerFact]
    public Task S05_PostgreSQL_stopped_restarted_and_cut_off() => FaultReport.AddAsync(() => StoreFaults.PostgresAsync(fixture.Application, TimeSpan.FromSeconds(30), output));

    [ServerFact]
    public Task S06_Redis_is_away() => FaultReport.AddAsync(() => StoreFaults.RedisAsync(fixture.Application, TimeSpan.FromSeconds(60), output));

    [ServerFact]
    public Task S07_The_producer_killed_while_clients_retry() => FaultReport.AddAsync(() => InputFaults.ProducerKilledAsync(fixture.Application, kills: 5, output));

    [ServerFact]
    public Task S08_A_rolling_restart_of_all_consumers() => FaultReport.AddAsync(() => ConsumerFaults.RolledAsync(fixture.Application, output));

    [ServerFact]
    public Task S09_Poison_among_good_records() => FaultReport.AddAsync(() => InputFaults.PoisonAsync(fixture.Application, output));

    [ServerFact]
    public Task S10_Scaling_under_load() => FaultReport.AddAsync(() => ConsumerFaults.ScaledAsync(fixture.Application, rounds: 10, output));

    [ServerFact]
    public Task S11_Timestamps_that_jump() => FaultReport.AddAsync(() => InputFaults.ClockJumpsAsync(fixture.Application, output));

    [RootFact]
    public Task S12_The_disk_of_the_database_full() => FaultReport.AddAsync(() => DiskFaults.FullAsync(output));

    [NetworkFact]
    public Task S14_A_broker_cut_off_from_the_others() => FaultReport.AddAsync(() => NetworkFaults.BrokerFromBrokersAsync(fixture.Application, output));

    [NetworkFact]
    public Task S15_A_consumer_cut_off_from_the_brokers() => FaultReport.AddAsync(() => NetworkFaults.ConsumerFromBrokersAsync(fixture.Application, output));

    [NetworkFact]
    public Task S16_A_consumer_cut_off_from_the_database() => FaultReport.AddAsync(() => NetworkFaults.ConsumerFromStoreAsync(fixture.Application, output));

    [NetworkFact]
    public Task S17_A_slow_link() => FaultReport.AddAsync(() => NetworkFaults.SlowLinkAsync(fixture.Application, output));

    [NetworkFact]
    public Task S18_Half_open_connections() => FaultReport.AddAsync(() => NetworkFaults.HalfOpenAsync(fixture.Application, output));
}
