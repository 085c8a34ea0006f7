using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.Tests.Faults;

public sealed class AnomaliesTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Nothing_is_wrong_when_each_is_stored_once_where_it_was_acknowledged() =>
        Assert.True(Anomalies.Of([Acknowledged(1), Acknowledged(2)], [Stored(1), Stored(2)]).None);

    [Fact]
    public void An_earlier_attempt_that_got_through_is_no_anomaly() =>
        Assert.True(Anomalies.Of([Acknowledged(1, at: 5)], [Stored(1, at: 3)]).None);

    [Fact]
    public void An_event_of_somebody_else_between_two_is_no_anomaly() =>
        Assert.True(Anomalies.Of([Acknowledged(1), Acknowledged(3)], [Stored(1), Stored(2), Stored(3)]).None);

    [Fact]
    public void Passed_over_by_two_batches_is_a_lost_write() =>
        Assert.Equal(new Anomalies(1, 0, 0, 0, 0), Anomalies.Of([Acknowledged(2)], [Stored(1), Stored(3, batch: 2)]));

    [Fact]
    public void Passed_over_by_one_batch_is_a_poll_skip_too() =>
        Assert.Equal(new Anomalies(1, 0, 0, 1, 0), Anomalies.Of([Acknowledged(2)], [Stored(1), Stored(3)]));

    [Fact]
    public void Not_reached_is_unseen() =>
        Assert.Equal(new Anomalies(0, 0, 0, 0, 2), Anomalies.Of([Acknowledged(2), Acknowledged(3, partition: 7)], [Stored(1)]));

    [Fact]
    public void Stored_at_two_places_is_a_duplicate() =>
        Assert.Equal(new Anomalies(0, 1, 0, 0, 0), Anomalies.Of([Acknowledged(1)], [Stored(1), Stored(1, at: 9)]));

    [Fact]
    public void Two_at_one_place_are_inconsistent() =>
        Assert.Equal(new Anomalies(0, 0, 1, 0, 0), Anomalies.Of([Acknowledged(1, at: 4), Acknowledged(2, at: 4)], [Stored(1, at: 3), Stored(2, at: 5)]));

    [Fact]
    public void Another_one_stored_where_one_was_acknowledged_is_inconsistent() =>
        Assert.Equal(new Anomalies(0, 0, 1, 0, 0), Anomalies.Of([Acknowledged(1, at: 4)], [Stored(1, at: 3), Stored(2, at: 4)]));

    private static LedgerEntry Acknowledged(int number, long? at = null, int partition = 0) =>
        new(Id(number), "checkout", number, partition, at ?? number, Key: null, Attempts: 1, Hash: "");

    private static StoredRow Stored(int number, long? at = null, int batch = 1) => new(Id(number), 0, at ?? number, s_at.AddSeconds(batch));

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);
}
