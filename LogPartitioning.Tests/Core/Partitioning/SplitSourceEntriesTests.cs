using LogPartitioning.Core.Partitioning;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.Core.Partitioning;

public sealed class SplitSourceEntriesTests
{
    [Theory]
    [InlineData("web__01")]
    [InlineData("10.0.0.7:9092")]
    [InlineData("a=b:c/d e")]
    [InlineData("Größe, 日志, 🙂")]
    [InlineData("..")]
    public void Any_source_can_be_named(string source)
    {
        var configuration = Configuration(("Partitioning:SplitSources:0:Source", source), ("Partitioning:SplitSources:0:Keys", "4"));

        var split = Assert.Single(Bound(configuration).SplitSources);
        Assert.Equal((source, 4), (split.Source, split.Keys));
        Assert.Empty(SplitSourceEntries.Problems(configuration));
        Assert.Empty(Bound(configuration).Problems(12));
    }

    [Fact]
    public void A_file_names_them_as_a_list()
    {
        using var json = new MemoryStream("""{ "Partitioning": { "SplitSources": [ { "source": "Api", "keys": 4 }, { "Source": "api", "Keys": 2 } ] } }"""u8.ToArray());
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();

        Assert.Equal([("Api", 4), ("api", 2)], Bound(configuration).SplitSources.Select(split => (split.Source, split.Keys)));
        Assert.Empty(SplitSourceEntries.Problems(configuration));
        Assert.Empty(Bound(configuration).Problems(12));
    }

    [Theory]
    [InlineData("{ }")]
    [InlineData("""{ "Partitioning": { "SplitSources": [] } }""")]
    public void No_source_need_be_named(string file)
    {
        using var json = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(file));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();

        Assert.Empty(SplitSourceEntries.Problems(configuration));
        Assert.Empty(Bound(configuration).SplitSources);
    }

    [Theory]
    [InlineData("checkout-7")]
    [InlineData("7")]
    [InlineData("web:01")]
    [InlineData("10.0.0.7:9092")]
    public void A_source_in_the_name_of_a_setting_is_refused_with_the_new_form(string source) => Assert.Equal(
        [$"Partitioning:SplitSources:{source} names a source, which must be a value: Partitioning:SplitSources:0:Source={source} and Partitioning:SplitSources:0:Keys=4."],
        SplitSourceEntries.Problems(Configuration(($"Partitioning:SplitSources:{source}", "4"))));

    [Fact]
    public void Entries_that_there_are_keep_their_numbers()
    {
        var problem = Assert.Single(SplitSourceEntries.Problems(Configuration(
            ("Partitioning:SplitSources:0:Source", "a"), ("Partitioning:SplitSources:0:Keys", "2"), ("Partitioning:SplitSources:b", "3"))));

        Assert.EndsWith("Partitioning:SplitSources:1:Source=b and Partitioning:SplitSources:1:Keys=3.", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Partitioning:SplitSources", "checkout-7=4", "Partitioning:SplitSources is a list, as in Partitioning:SplitSources:0:Source=checkout-7 and Partitioning:SplitSources:0:Keys=4; it is \"checkout-7=4\".")]
    [InlineData("Partitioning:SplitSources:0:Keys", "four", "Partitioning:SplitSources:0:Keys must be a whole number; it is \"four\".")]
    [InlineData("Partitioning:SplitSources:0:Name", "a", "Partitioning:SplitSources:0:Name is no setting: an entry has Source and Keys.")]
    public void What_binding_would_leave_out_is_named(string key, string value, string problem) =>
        Assert.Equal([problem], SplitSourceEntries.Problems(Configuration((key, value))));

    [Fact]
    public void A_source_that_is_named_twice_or_not_at_all_is_refused()
    {
        var options = new PartitioningOptions { SplitSources = [new() { Source = "a", Keys = 2 }, new() { Source = "a", Keys = 3 }, new() { Keys = 2 }] };

        Assert.Equal(
            ["Partitioning:SplitSources has an entry whose Source must have 1 to 255 characters.", "Partitioning:SplitSources names the source \"a\" 2 times."],
            options.Problems(12));
    }

    private static PartitioningOptions Bound(IConfiguration configuration) =>
        configuration.GetSection(PartitioningOptions.Section).Get<PartitioningOptions>() ?? new();

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();
}
