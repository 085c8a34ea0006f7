using LogPartitioning.Consumer;

namespace LogPartitioning.Tests.Consumer;

public sealed class ConsumerOptionsTests
{
    [Fact]
    public void All_problems_of_the_settings_are_told_at_once()
    {
        var options = new ConsumerOptions { Concurrency = 0, BatchSize = 0, DrainTimeout = TimeSpan.FromMinutes(5), HeartbeatInterval = TimeSpan.FromSeconds(20), Instance = "a/b" };

        var problems = options.Validate(new(options)).Select(p => p.ErrorMessage!).ToList();

        Assert.Equal(5, problems.Count);
        Assert.Contains("Consumer:Concurrency must be between 1 and 64, and is 0.", problems);
        Assert.Empty(new ConsumerOptions().Validate(new(options)));
    }

    [Theory]
    [InlineData("consumer-1", "consumer-1")]
    [InlineData("shop/checkout\n", "shop-checkout-")]
    public void Any_text_can_be_made_the_name_of_an_instance(string text, string name)
    {
        Assert.Equal(name, ConsumerOptions.AsInstance(text));
        var options = new ConsumerOptions { Instance = ConsumerOptions.AsInstance(new string('x', 300)) };
        Assert.Empty(options.Validate(new(options)));
    }

    [Fact]
    public void Draining_never_outlasts_what_old_brokers_wait_for()
    {
        Assert.Equal(TimeSpan.FromSeconds(20), new ConsumerOptions().DrainBudget);
        Assert.Equal(TimeSpan.FromSeconds(4), new ConsumerOptions { SessionTimeout = TimeSpan.FromSeconds(6) }.DrainBudget);
    }
}
