using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Identity;
using LogPartitioning.Tests.Fuzz;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Core.Events;

/// <summary>Where an event is read straight into its record, the record is the one that the reader of every event leads to.</summary>
public sealed class PlainEventTests
{
    private static readonly LogEventReader s_reader = new(
        new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 7, 0, 0, 123, 450, TimeSpan.Zero)), new TimestampRange(TimeSpan.FromDays(36_500), TimeSpan.FromDays(1)));

    [Property(MaxTest = 3000)]
    public void A_good_event_is_read_the_same_by_both(int seed) => ReadByBoth(GoodEvent.Create(new Random(seed)).Json);

    [Property(MaxTest = 3000)]
    public void A_spoilt_event_is_read_the_same_by_both(int seed)
    {
        var random = new Random(seed);
        ReadByBoth(EventMutation.Apply(GoodEvent.Create(random), random));
    }

    [Property(MaxTest = 3000)]
    public void Broken_bytes_are_read_the_same_by_both(int seed)
    {
        var random = new Random(seed);
        ReadByBoth(BodyMutation.Apply(GoodEvent.Create(random).Json, random));
    }

    /// <summary>One byte of an event that both read becomes any other one.</summary>
    [Property(MaxTest = 5000)]
    public void A_plain_event_with_another_byte_is_read_the_same_by_both(int seed)
    {
        var random = new Random(seed);
        var bytes = Encoding.UTF8.GetBytes(s_plain[random.Next(s_plain.Length)]);
        bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "\"\\{}[]:,0129.-eE+tfn \u007f"[random.Next(22)]);
        ReadByBoth(bytes);
    }

    [Fact]
    public void The_usual_forms_are_plain() => Assert.All(s_plain, json => Assert.True(ReadByBoth(Encoding.UTF8.GetBytes(json)), json));

    [Theory]
    [InlineData("""{"source":"é","message":"m"}""")]
    [InlineData("""{"source":"a\u0062","message":"m"}""")]
    [InlineData("""{"source":"a","message":"\/"}""")]
    [InlineData("""{"source":"a","message":"\u000a"}""")]
    [InlineData("""{"source":"a","message":"\ud83d\ude00"}""")]
    [InlineData("""{"source":"a","message":"😀"}""")]
    [InlineData("""{"source":"a","message":"m","level":null}""")]
    [InlineData("""{"source":"a","message":"m","attributes":{"n":1e3}}""")]
    [InlineData("""{"source":"a","message":"m","attributes":{"é":1}}""")]
    public void What_is_unusual_is_left_to_the_other(string json)
    {
        Assert.False(ReadByBoth(Encoding.UTF8.GetBytes(json)));
        Assert.Empty(s_reader.Read(Encoding.UTF8.GetBytes(json), out _));
    }

    [Fact]
    public void Of_good_events_many_are_plain()
    {
        // Else the properties above would hold of nothing.
        var plain = Enumerable.Range(0, 2000).Count(seed => s_reader.TryReadPlain(GoodEvent.Create(new Random(seed)).Json, out _));
        Assert.True(plain > 50, $"Of 2000 events only {plain} are plain.");
    }

    [Fact]
    public void An_event_that_is_written_in_two_ways_has_one_fingerprint()
    {
        var plain = """{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","message":"it's","attributes":{"a":"/","b":1}}"""u8.ToArray();
        var other = """{"attributes":{"b":1,"a":"\/"},"message":"it\u0027s","source":"a","id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21"}"""u8.ToArray();
        Assert.True(s_reader.TryReadPlain(plain, out var record));
        Assert.False(s_reader.TryReadPlain(other, out _));
        s_reader.Read(other, out var read, out var sent);
        Assert.Equal(EventFingerprint.Of(read!, sent), EventFingerprint.Of(record));
    }

    [Fact]
    public void A_new_id_is_a_uuid_of_version_7_of_its_time_and_another_one_each_time()
    {
        var at = new DateTimeOffset(2026, 11, 22, 7, 0, 0, 123, TimeSpan.Zero);
        var ids = new List<Guid>();
        foreach (var made in Enumerable.Range(0, 8).AsParallel().WithDegreeOfParallelism(2).Select(_ => Enumerable.Range(0, 1000).Select(_ => NewIds.Create(at)).ToList()))
        {
            ids.AddRange(made);
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        var time = at.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture);
        Assert.All(ids, id =>
        {
            Assert.Equal((7, true), (id.Version, id.Variant is >= 8 and <= 11));
            Assert.StartsWith(time, id.ToString("N"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Each_source_has_its_own_text_however_many_there_are()
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 20_000; i++)
            {
                var source = string.Create(CultureInfo.InvariantCulture, $"source-{i}");
                Assert.Equal(source, SourceTexts.Of(Encoding.ASCII.GetBytes(source)));
            }
        }
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(1_000, true)]
    [InlineData(100_000, false)]
    public void A_text_that_is_longer_than_any_source_is_not_kept(int length, bool isKept)
    {
        var key = Encoding.ASCII.GetBytes(new string('k', length));
        var first = SourceTexts.Of(key);

        Assert.Equal(new string('k', length), first);
        Assert.Equal(isKept, ReferenceEquals(first, SourceTexts.Of(key)));
    }

    private static readonly string[] s_plain =
    [
        """{"source":"a","message":"m"}""",
        """ { "source" : "checkout-7" , "message" : "" } """,
        """{"message":"a \"quoted\" \\ line\n\tand\r\b\f one with é, ß and 漢","source":"svc/a.b:c","level":"WARN"}""",
        """{"source":"a","message":"it\u0027s \u0022quoted\u0022, \u005c and caf\u00E9\n","attributes":{"a":"\u003Cb\u003e","b":"c","c":"\u0041"}}""",
        """{"source":"a","message":"m","timestamp":"2026-11-22T07:00:00Z"}""",
        """{"source":"a","message":"m","timestamp":"2026-11-22T07:00:00.120+00:00","level":"Error"}""",
        """{"source":"a","message":"m","timestamp":"2016-12-31T18:59:60.9-05:00"}""",
        """{"id":"0199B0C4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","message":"m","attributes":{}}""",
        """{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"fatal","message":"m","timestamp":"2026-11-22T07:00:00.123456789Z","attributes":{"a":1,"b":-0.50,"c":"t\n","d":true,"e":false,"f":null,"g":1234567890123456789}}""",
        """{"source":"a","message":"m","attributes": { "orderId" : "42", "a" : 0 , "with space" : -7 } }""",
    ];

    /// <returns>Whether it is plain. Then both read the same.</returns>
    private static bool ReadByBoth(byte[] json)
    {
        if (!s_reader.TryReadPlain(json, out var plain))
        {
            return false;
        }

        var problems = s_reader.Read(json, out var read, out var sent);
        Assert.True(problems.Count == 0, $"{Encoding.UTF8.GetString(json)}: {string.Join("; ", problems)}");
        Assert.Equal(sent, plain.Sent);
        var same = sent.HasFlag(SentFields.Id) ? read! : read! with { Id = plain.Id };
        Assert.Equal((same.Id, same.Source), (plain.Id, plain.Source));
        Assert.Equal(Encoding.UTF8.GetString(LogEventJson.Serialize(same)), Encoding.UTF8.GetString(plain.Value));
        Assert.Equal(Rfc3339.Format(same.Timestamp), Encoding.UTF8.GetString(plain.Value[plain.Timestamp]));
        Assert.Equal(EventFingerprint.Of(same, sent), EventFingerprint.Of(plain));
        return true;
    }
}
