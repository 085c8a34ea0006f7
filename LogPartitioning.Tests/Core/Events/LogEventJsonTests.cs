using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.Events;

public sealed class LogEventJsonTests
{
    [Property(MaxTest = 500)]
    public Property What_is_written_is_read_back() => Prop.ForAll(Events().ToArbitrary(), written =>
    {
        var value = LogEventJson.Serialize(written);
        Assert.True(LogEventJson.TryParseRecord(value, out var read, out var problem), problem?.ToString());
        Assert.Equal(written, read);
    });

    [Property(MaxTest = 500)]
    public Property Any_bytes_at_all_give_an_event_or_a_problem() => Prop.ForAll(
        Mutations().ToArbitrary(),
        bytes =>
        {
            var isEvent = LogEventJson.TryParseRecord(bytes, out var read, out var problem);
            Assert.Equal(isEvent, read is not null);
            Assert.Equal(isEvent, problem is null);
        });

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"source":"a","message":"m"}""")]
    [InlineData("""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"info","message":"m","timestamp":"2026-11-22T07:00:00Z"}""")]
    [InlineData("""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Error","message":"m","timestamp":null}""")]
    public void A_record_has_every_field_in_its_canonical_form(string value)
    {
        Assert.False(LogEventJson.TryParseRecord(Encoding.UTF8.GetBytes(value), out _, out var problem));
        Assert.NotEmpty(problem.Rule);
    }

    [Fact]
    public void The_value_is_json_with_the_documented_names()
    {
        var value = LogEventJson.Serialize(new LogEvent(
            Guid.Parse("0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21"), "checkout-7", Severity.Information, "é\"",
            new DateTimeOffset(2026, 11, 22, 7, 0, 0, 123, TimeSpan.Zero), """{"orderId":"42"}"""));
        Assert.Equal(
            """{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"checkout-7","level":"Information","message":"é\"","timestamp":"2026-11-22T07:00:00.123Z","attributes":{"orderId":"42"}}""",
            Encoding.UTF8.GetString(value));
    }

    /// <summary>Text of any Unicode characters but U+0000, line ends and emoji among them.</summary>
    private static Gen<string> Text(int maxLength, bool controls) =>
        from runes in Gen.OneOf(
                Gen.Choose(' ', '~'),
                Gen.Choose(0xA0, 0xD7FF),
                Gen.Choose(0xE000, 0x10FFFF),
                controls ? Gen.Choose(1, 31) : Gen.Constant((int)'"'))
            .ListOf()
        select string.Concat(runes.Take(maxLength).Select(char.ConvertFromUtf32));

    private static Gen<LogEvent> Events() =>
        from source in Text(200, controls: false)
        from message in Text(2_000, controls: true)
        from level in Gen.Elements(Enum.GetValues<Severity>())
        from seconds in Gen.Choose(0, int.MaxValue)
        from microseconds in Gen.Choose(0, 999_999)
        from attributes in Gen.OneOf<string?>(Gen.Constant<string?>(null), Attributes().Select(text => (string?)text))
        select new LogEvent(
            Guid.CreateVersion7(),
            "s" + source,
            level,
            message,
            DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddMicroseconds(microseconds),
            attributes);

    private static Gen<string> Attributes() =>
        from values in Text(50, controls: true).ListOf()
        select LogEventJsonAttributes(values.Take(64));

    private static string LogEventJsonAttributes(IEnumerable<string> values)
    {
        var json = $$"""{"source":"a","message":"m","attributes":{{JsonSerializer.Serialize(values.Select((value, i) => (Name: $"a{i}", value)).ToDictionary(pair => pair.Name, pair => pair.value))}}}""";
        Assert.Empty(new LogEventReader(TimeProvider.System).Read(Encoding.UTF8.GetBytes(json), out var read));
        return read!.Attributes!;
    }

    /// <summary>A good record with a few bytes cut, changed or doubled.</summary>
    private static Gen<byte[]> Mutations() =>
        from good in Events()
        from edits in Gen.Choose(0, int.MaxValue).ListOf(6)
        select Mutate(LogEventJson.Serialize(good), edits);

    private static byte[] Mutate(byte[] good, IEnumerable<int> edits)
    {
        var bytes = good.ToList();
        foreach (var edit in edits.Where(_ => bytes.Count > 0))
        {
            var at = edit % bytes.Count;
            switch (edit / 7 % 3)
            {
                case 0:
                    bytes[at] = (byte)(edit >> 8);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.Insert(at, bytes[edit / 3 % bytes.Count]);
                    break;
            }
        }

        return [.. bytes];
    }
}
