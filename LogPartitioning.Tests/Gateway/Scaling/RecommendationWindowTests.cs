using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Tests.Gateway.Scaling;

public sealed class RecommendationWindowTests
{
    [Fact]
    public void Gives_the_highest_of_the_window_as_a_plain_search_would()
    {
        var random = new Random(42);
        var window = new RecommendationWindow(TimeSpan.FromSeconds(20));
        var all = new List<(DateTimeOffset At, int Consumers)>();
        for (var i = 0; i < 2_000; i++)
        {
            var at = DateTimeOffset.UnixEpoch.AddSeconds(i * 0.7);
            all.Add((at, random.Next(12)));

            var (_, highest) = window.Add(at, all[^1].Consumers);

            Assert.Equal(all.Where(entry => entry.At >= at - TimeSpan.FromSeconds(20)).Max(entry => entry.Consumers), highest);
        }
    }
}
