using System.Globalization;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The time of an event in the forms of other protocols. What is beyond the microsecond, which the store keeps, is told apart.</summary>
/// <param name="Time">The time, to the microsecond.</param>
/// <param name="Nanoseconds">The nanoseconds beyond it; 0 to 999.</param>
internal readonly record struct SentTime(DateTimeOffset Time, int Nanoseconds)
{
    /// <summary>Whether it is written to more than the millisecond.</summary>
    public bool IsFine { get; init; }

    /// <summary>The attribute that has <see cref="Nanoseconds"/>, where they are not 0.</summary>
    public static ReadOnlySpan<byte> Attribute => "timestamp_nanos"u8;

    private const long NanosecondsPerMicrosecond = 1000;
    private const int MillisecondDigits = 3;
    private const int MicrosecondDigits = 6;
    private const int NanosecondDigits = 9;

    /// <summary>Reads a time as RFC 3339 has it.</summary>
    public static bool TryParse(string text, out SentTime time)
    {
        time = default;
        if (!Rfc3339.TryParse(text, out var parsed))
        {
            return false;
        }

        time = new(parsed, NanosecondsOf(text)) { IsFine = FractionDigits(text) > MillisecondDigits };
        return true;
    }

    /// <summary>The time that lies so many nanoseconds after the beginning of 1970.</summary>
    public static SentTime OfUnixNanoseconds(long nanoseconds)
    {
        var (microseconds, beyond) = Math.DivRem(nanoseconds, NanosecondsPerMicrosecond);
        if (beyond < 0)
        {
            (microseconds, beyond) = (microseconds - 1, beyond + NanosecondsPerMicrosecond);
        }

        return new(DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond), (int)beyond);
    }

    /// <summary>The time in nanoseconds since the beginning of 1970; from the year 1678 to 2261.</summary>
    public long UnixNanoseconds => ((Time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick) + Nanoseconds;

    /// <summary>Reads milliseconds since the beginning of 1970.</summary>
    public static bool TryParseUnixMilliseconds(string digits, out SentTime time)
    {
        time = default;
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        time = new(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), 0);
        return true;
    }

    /// <summary>Keeps what is beyond the microsecond.</summary>
    public void KeepNanoseconds(RecordComposer composer)
    {
        if (Nanoseconds > 0)
        {
            // An event may have an attribute of that name already: then it is the one that says what was sent.
            composer.Add(Attribute, Nanoseconds);
        }
    }

    private static int FractionDigits(string text)
    {
        var start = text.IndexOf('.', StringComparison.Ordinal) + 1;
        var end = start;
        while (start > 0 && end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - start;
    }

    /// <summary>The seventh to the ninth digit after the point.</summary>
    private static int NanosecondsOf(string text)
    {
        var at = text.IndexOf('.', StringComparison.Ordinal) + 1;
        if (at == 0)
        {
            return 0;
        }

        var nanoseconds = 0;
        for (var digit = 0; digit < NanosecondDigits; digit++, at++)
        {
            var value = at < text.Length && char.IsAsciiDigit(text[at]) ? text[at] - '0' : -1;
            if (value < 0)
            {
                at = text.Length;
                value = 0;
            }

            nanoseconds = digit < MicrosecondDigits ? 0 : (nanoseconds * 10) + value;
        }

        return nanoseconds;
    }
}
