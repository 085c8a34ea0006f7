using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Identity;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Producer.Identity;

public sealed class EventFingerprintTests
{
    private static readonly LogEvent s_event = StoredEvents.Event(attributes: """{"b":"x","a":1}""");

    [Fact]
    public void Every_field_counts()
    {
        LogEvent[] others =
        [
            s_event with { Source = "other" }, s_event with { Level = Severity.Error }, s_event with { Message = "other" },
            s_event with { Attributes = null }, s_event with { Attributes = "{}" }, s_event with { Attributes = """{"b":"x","a":2}""" },
            s_event with { Timestamp = s_event.Timestamp.AddTicks(10) },
        ];

        Assert.Equal(others.Length + 1, others.Append(s_event).Select(e => EventFingerprint.Of(e, SentFields.Timestamp)).Distinct().Count());
    }

    [Fact]
    public void A_time_of_receipt_and_the_order_of_attributes_say_nothing()
    {
        var again = s_event with { Timestamp = s_event.Timestamp.AddSeconds(3), Attributes = """{"a":1,"b":"x"}""" };

        Assert.Equal(EventFingerprint.Of(s_event, SentFields.Id), EventFingerprint.Of(again, SentFields.Id));
    }
}
