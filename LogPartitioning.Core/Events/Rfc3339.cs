using System.Buffers;
using System.Globalization;
using System.Text;

namespace LogPartitioning.Core.Events;

/// <summary>Times as RFC 3339, section 5.6 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6), strictly.</summary>
public static class Rfc3339
{
    /// <summary>The times that are read, in words. The store keeps each of them as it was sent, to the microsecond. The one before
    /// them, the first of the year 1, it would keep as "minus infinity".</summary>
    public const string Range = "from 0001-01-01T00:00:00.000001Z to 9999-12-31T23:59:59.999999Z";

    private const long Earliest = TimeSpan.TicksPerMicrosecond;
    private const int MaxCharacters = 64;
    private const int FractionDigits = 6;
    private const int SecondsEnd = 19;

    /// <summary>Writes a time in UTC with the digits it needs, at most six: <c>2026-11-22T07:00:00.123Z</c>.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes the same as <see cref="Format(DateTimeOffset)"/> in ASCII; at most 27 bytes.</summary>
    /// <param name="time">The time.</param>
    /// <param name="utf8">Where to; at least 32 bytes.</param>
    /// <returns>How many bytes it took.</returns>
    internal static int Format(DateTimeOffset time, Span<byte> utf8)
    {
        // The one form that the runtime writes without looking at a pattern: seven digits, and then the Z.
        time.UtcDateTime.TryFormat(utf8, out _, "O", CultureInfo.InvariantCulture);
        var end = SecondsEnd + 1 + FractionDigits;
        while (utf8[end - 1] == (byte)'0')
        {
            end--;
        }

        end = utf8[end - 1] == (byte)'.' ? end - 1 : end;
        utf8[end] = (byte)'Z';
        return end + 1;
    }

    /// <summary>Reads the same as <see cref="TryParse(ReadOnlySpan{char}, out DateTimeOffset)"/> from ASCII.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> ascii, out DateTimeOffset time)
    {
        Span<char> text = stackalloc char[MaxCharacters];
        if (ascii.Length <= text.Length && Ascii.ToUtf16(ascii, text, out var length) == OperationStatus.Done)
        {
            return TryParse(text[..length], out time);
        }

        time = default;
        return false;
    }

    /// <summary>
    /// Reads <c>YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)</c>; <c>t</c> and <c>z</c> may be small. An offset is required.
    /// Digits beyond the microsecond are cut off. A leap second (23:59:60 UTC) is read as the start of the next
    /// minute, as PostgreSQL does.
    /// </summary>
    /// <returns>Whether <paramref name="text"/> is such a time, within <see cref="Range"/>.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length is < 20 or > MaxCharacters
            || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't') || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month)
            || !TryDigits(text[8..10], out var day) || !TryDigits(text[11..13], out var hour)
            || !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second))
        {
            return false;
        }

        var rest = text[19..];
        if (!TryFraction(ref rest, out var microseconds) || !TryOffset(rest, out var offset))
        {
            return false;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        var leap = second == 60;
        var ticks = new DateTime(year, month, day, hour, minute, leap ? 59 : second, DateTimeKind.Utc).Ticks - offset.Ticks;
        if (leap)
        {
            // Leap seconds are inserted at the end of a UTC day; 60 is no second anywhere else.
            if (ticks < 0 || TimeSpan.FromTicks(ticks % TimeSpan.TicksPerDay) != new TimeSpan(23, 59, 59))
            {
                return false;
            }

            ticks += TimeSpan.TicksPerSecond;
        }
        else
        {
            ticks += microseconds * TimeSpan.TicksPerMicrosecond;
        }

        if (ticks < Earliest || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out long microseconds)
    {
        microseconds = 0;
        if (rest.IsEmpty || rest[0] != '.')
        {
            return true;
        }

        var digits = 0;
        var position = 1;
        for (; position < rest.Length && char.IsAsciiDigit(rest[position]); position++)
        {
            if (digits < FractionDigits)
            {
                microseconds = (microseconds * 10) + (rest[position] - '0');
                digits++;
            }
        }

        for (; digits is > 0 and < FractionDigits; digits++)
        {
            microseconds *= 10;
        }

        rest = rest[position..];
        return position > 1;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z" or "z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !TryDigits(text[1..3], out var hours) || !TryDigits(text[4..6], out var minutes)
            || hours > 23 || minutes > 59)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        if (text[0] == '-')
        {
            offset = -offset;
        }

        return true;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        return true;
    }
}
