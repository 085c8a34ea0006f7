using System.Text;
using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.DeadLetters;

namespace LogPartitioning.Tests.Gateway.DeadLetters;

public sealed class DeadLetterRedriveTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData("checkout-7", "checkout-7")]
    [InlineData("checkout-7-3", "checkout-7-3")]
    [InlineData("checkout-7-x", "checkout-7")]
    [InlineData("checkout-7-0", "checkout-7")]
    [InlineData("checkout-70", "checkout-7")]
    [InlineData("billing", "checkout-7")]
    public void A_corrected_event_keeps_a_key_that_is_its_source_or_a_split_of_it(string original, string expected)
    {
        var corrected = new LogEvent(Guid.NewGuid(), "checkout-7", Severity.Information, "m", DateTimeOffset.UnixEpoch, null);

        Assert.Equal(expected, Encoding.UTF8.GetString(DeadLetterRedriver.KeyOf(corrected, Encoding.UTF8.GetBytes(original))));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(new byte[] { 0xff, 0xfe })]
    public void A_corrected_event_without_a_usable_key_gets_its_source(byte[]? original)
    {
        var corrected = new LogEvent(Guid.NewGuid(), "checkout-7", Severity.Information, "m", DateTimeOffset.UnixEpoch, null);

        Assert.Equal("checkout-7", Encoding.UTF8.GetString(DeadLetterRedriver.KeyOf(corrected, original)));
    }

    [Fact]
    public void An_item_is_read_with_its_corrected_event()
    {
        var items = Read("""{"items":[{"topic":"t","partition":1,"offset":2,"event":{"source":"s","message":"m"}}]}""", out var problems);

        Assert.Empty(problems);
        var item = Assert.Single(items);
        Assert.Equal(new DeadLetterOrigin("t", 1, 2), item.Origin);
        Assert.Equal("s", item.Corrected!.Source);
    }

    [Theory]
    [InlineData("""{}""", "items")]
    [InlineData("""{"items":[]}""", "items")]
    [InlineData("""{"items":[null]}""", "items[0]")]
    [InlineData("""{"items":[{"topic":"t","partition":1,"offset":2},null]}""", "items[1]")]
    [InlineData("""{"items":[{"topic":"t","partition":-1,"offset":2}]}""", "items[0].partition")]
    [InlineData("""{"items":[{"topic":"t","partition":1,"offset":2},{}]}""", "items[1].offset,items[1].partition,items[1].topic")]
    [InlineData("""{"items":[{"topic":"t","partition":1,"offset":2,"event":{"message":"m"}}]}""", "items[0].event.source")]
    [InlineData("""{"items":[{"topic":"t","partition":1,"offset":2,"event":[]}]}""", "items[0].event")]
    public void Every_problem_is_named(string json, string fields)
    {
        Assert.Empty(Read(json, out var problems));
        Assert.Equal(fields, string.Join(',', problems.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void More_items_than_a_request_may_have_are_refused()
    {
        var item = """{"topic":"t","partition":1,"offset":2}""";
        Read($"{{\"items\":[{string.Join(',', Enumerable.Repeat(item, DeadLetterRedriver.MaxItems + 1))}]}}", out var problems);

        Assert.Equal(["items"], problems.Keys);
    }

    private static IReadOnlyList<DeadLetterRedrive> Read(string json, out IDictionary<string, string[]> problems) =>
        new DeadLetterRedriveReader(new LogEventReader(TimeProvider.System))
            .Read(JsonSerializer.Deserialize<DeadLetterRedriveBody>(json, Web)!, out problems);
}
