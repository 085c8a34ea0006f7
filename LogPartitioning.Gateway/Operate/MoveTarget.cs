using System.Globalization;
using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Operate;

/// <summary>Where positions are to be moved.</summary>
internal abstract record MoveTarget
{
    /// <summary>The words for the ends of the log.</summary>
    private const string BeginningWord = "beginning";
    private const string EndWord = "end";

    private MoveTarget()
    {
    }

    /// <summary>As many offsets on, or back where it is negative.</summary>
    public sealed record Shift(long By) : MoveTarget;

    /// <summary>To the first record that came in at this time or after it.</summary>
    public sealed record Time(DateTimeOffset Value) : MoveTarget;

    /// <summary>To this offset.</summary>
    public sealed record Offset(long Value) : MoveTarget;

    /// <summary>To the first record that the brokers hold.</summary>
    public sealed record Beginning : MoveTarget;

    /// <summary>Behind the last record.</summary>
    public sealed record End : MoveTarget;

    /// <summary>Reads it from the four fields of a body, of which one has to be there.</summary>
    public static MoveTarget? Read(JsonElement? shiftBy, JsonElement? toTime, JsonElement? toOffset, JsonElement? to, IDictionary<string, string[]> problems)
    {
        var given = new[] { shiftBy, toTime, toOffset, to }.Count(value => value is { ValueKind: not JsonValueKind.Null });
        if (given != 1)
        {
            problems["body"] = ["must have one of shiftBy, toTime, toOffset and to"];
            return null;
        }

        if (shiftBy is { ValueKind: not JsonValueKind.Null } shift)
        {
            return shift.ValueKind == JsonValueKind.Number && shift.TryGetInt64(out var by) && by != 0
                ? new Shift(by)
                : Refuse("shiftBy", "must be a whole number other than 0: how many offsets on, or back where it is negative");
        }

        if (toTime is { ValueKind: not JsonValueKind.Null })
        {
            return JsonText.Of(toTime) is { } text && Rfc3339.TryParse(text, out var time)
                ? new Time(time)
                : Refuse("toTime", $"must be a time with its zone, such as 2026-11-22T07:00:00Z, {Rfc3339.Range}");
        }

        if (toOffset is { ValueKind: not JsonValueKind.Null } offset)
        {
            return offset.ValueKind == JsonValueKind.Number && offset.TryGetInt64(out var value) && value >= 0
                ? new Offset(value)
                : Refuse("toOffset", "must be an offset, a whole number from 0");
        }

        return JsonText.Of(to) switch
        {
            BeginningWord => new Beginning(),
            EndWord => new End(),
            _ => Refuse("to", $"must be \"{BeginningWord}\" or \"{EndWord}\""),
        };

        MoveTarget? Refuse(string field, string rule)
        {
            problems[field] = [rule];
            return null;
        }
    }

    /// <summary>The same as a body has it, for a line on record.</summary>
    public string Show() => this switch
    {
        Shift shift => string.Create(CultureInfo.InvariantCulture, $"shiftBy {shift.By}"),
        Time time => $"toTime {Rfc3339.Format(time.Value)}",
        Offset offset => string.Create(CultureInfo.InvariantCulture, $"toOffset {offset.Value}"),
        Beginning => $"to {BeginningWord}",
        _ => $"to {EndWord}",
    };
}
