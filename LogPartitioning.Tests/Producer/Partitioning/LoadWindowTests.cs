using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Producer.Partitioning;

public sealed class LoadWindowTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Events_leave_the_window_when_they_are_older_than_it()
    {
        var window = Window();
        Add(window, "a", 0, 5);
        _time.Advance(TimeSpan.FromSeconds(30));
        Add(window, "b", 1, 7);
        Assert.Equal([5, 7, 0], window.Read().Partitions);

        _time.Advance(TimeSpan.FromSeconds(31));
        var later = window.Read();
        Assert.Equal([0, 7, 0], later.Partitions);
        Assert.Equal("b", Assert.Single(later.Keys).Key.Source);

        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, window.Read().Total);
    }

    [Fact]
    public void Events_since_the_start_stay()
    {
        var window = Window();
        Add(window, "a", 0, 5);
        _time.Advance(TimeSpan.FromHours(1));
        var later = window.Read();
        Assert.Equal(5, later.TotalSinceStart);
        Assert.Equal(5, Assert.Single(later.KeysSinceStart).Events);
    }

    [Fact]
    public void A_clock_that_is_set_back_loses_nothing()
    {
        var behind = new SteppingClock();
        var window = new LoadWindow(3, TimeSpan.FromSeconds(60), 10, behind);
        Add(window, "a", 0, 5);
        behind.Now -= TimeSpan.FromHours(1);
        Add(window, "a", 0, 5);
        Assert.Equal(10, window.Read().Total);
    }

    [Fact]
    public void Parts_of_the_window_merge_within_the_documented_error()
    {
        const int Tracked = 10;
        var window = new LoadWindow(3, TimeSpan.FromSeconds(60), Tracked, _time);
        var random = new Random(42);
        var exact = new Dictionary<string, long>();
        for (var step = 0; step < 11; step++)
        {
            for (var i = 0; i < 1_000; i++)
            {
                // A few heavy sources in front of many light ones.
                var source = random.Next(3) == 0 ? $"heavy-{random.Next(4)}" : $"light-{random.Next(500)}";
                Add(window, source, 0, 1);
                exact[source] = exact.GetValueOrDefault(source) + 1;
            }

            _time.Advance(TimeSpan.FromSeconds(5));
        }

        var snapshot = window.Read();
        Assert.Equal(11_000, snapshot.Total);
        Assert.All(snapshot.Keys, key =>
        {
            Assert.InRange(exact[key.Key.Source], key.Events - key.Error, key.Events);
            Assert.InRange(key.Error, 0, snapshot.Total / Tracked);
        });
        Assert.All(Enumerable.Range(0, 4), i => Assert.Contains($"heavy-{i}", snapshot.Keys.Take(4).Select(key => key.Key.Source)));
    }

    [Fact]
    public void The_least_loaded_partition_takes_the_next_event()
    {
        var window = Window();
        Add(window, "other", 0, 5);
        SourceKey[] keys = [new("s", "s-1", 0), new("s", "s-2", 1), new("s", "s-3", 2)];
        var picked = Enumerable.Range(0, 7).Select(_ => window.AddToLeastLoaded(keys).Partition).ToList();
        Assert.Equal([1, 2, 1, 2, 1, 2, 1], picked);
        Assert.Equal([5, 4, 3], window.Read().Partitions);
    }

    private static void Add(LoadWindow window, string source, int partition, int count)
    {
        for (var i = 0; i < count; i++)
        {
            window.Add(new SourceKey(source, source, partition));
        }
    }

    private LoadWindow Window() => new(3, TimeSpan.FromSeconds(60), 100, _time);

    /// <summary>A clock that can go back, which <see cref="FakeTimeProvider"/> refuses to.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
