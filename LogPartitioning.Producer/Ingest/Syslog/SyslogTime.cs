using System.Buffers;
using System.Buffers.Text;
using System.Text;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Times as syslog writes them.</summary>
internal static class SyslogTime
{
    private const int MaxCharacters = 64;
    private const int FractionDigits = 7;

    /// <summary>The length of <c>Oct 11 22:14:15</c>.</summary>
    private const int ShortLength = 15;

    /// <summary>Reads a time of RFC 3339, which RFC 5424 has.</summary>
    public static bool TryFull(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        Span<char> characters = stackalloc char[MaxCharacters];
        if (text.Length <= characters.Length && Ascii.ToUtf16(text, characters, out var length) == OperationStatus.Done)
        {
            return Rfc3339.TryParse(characters[..length], out time);
        }

        time = default;
        return false;
    }

    /// <summary>
    /// Reads the time at the beginning of a text by RFC 3164, <c>Oct 11 22:14:15</c>, with a fraction where there is one. Year and zone are not said: it
    /// is taken for the time of this machine's zone that is nearest to now.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="time">The time; null where the day is in none of the years about now.</param>
    /// <param name="length">How long it is.</param>
    public static bool TryShort(ReadOnlySpan<byte> text, TimeProvider clock, out DateTimeOffset? time, out int length)
    {
        (time, length) = (null, 0);
        if (text.Length < ShortLength || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':'
            || MonthOf(text[..3]) is not (> 0 and var month)
            || !TryNumber(text[4] == ' ' ? text[5..6] : text[4..6], 31, out var day) || day == 0
            || !TryNumber(text[7..9], 23, out var hour) || !TryNumber(text[10..12], 59, out var minute) || !TryNumber(text[13..15], 60, out var second))
        {
            return false;
        }

        length = ShortLength;
        var ofDay = new TimeSpan(hour, minute, second) + TimeSpan.FromTicks(Fraction(text, ref length));
        time = Nearest(month, day, ofDay, clock);
        return true;
    }

    private static DateTimeOffset? Nearest(int month, int day, TimeSpan ofDay, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset? nearest = null;
        for (var year = now.Year - 1; year <= now.Year + 1; year++)
        {
            if (year is < 2 or > 9998 || day > DateTime.DaysInMonth(year, month))
            {
                continue;
            }

            var local = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified) + ofDay;
            var candidate = new DateTimeOffset(local, clock.LocalTimeZone.GetUtcOffset(local));
            if (nearest is null || (candidate - now).Duration() < (nearest.Value - now).Duration())
            {
                nearest = candidate;
            }
        }

        return nearest;
    }

    private static long Fraction(ReadOnlySpan<byte> text, ref int length)
    {
        if (length + 1 >= text.Length || text[length] != '.' || !char.IsAsciiDigit((char)text[length + 1]))
        {
            return 0;
        }

        long ticks = 0;
        var digits = 0;
        for (length++; length < text.Length && char.IsAsciiDigit((char)text[length]); length++)
        {
            if (digits < FractionDigits)
            {
                ticks = (ticks * 10) + (text[length] - '0');
                digits++;
            }
        }

        for (; digits < FractionDigits; digits++)
        {
            ticks *= 10;
        }

        return ticks;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, int most, out int number) =>
        Utf8Parser.TryParse(digits, out number, out var length, 'D') && length == digits.Length && number >= 0 && number <= most && char.IsAsciiDigit((char)digits[0]);

    private static int MonthOf(ReadOnlySpan<byte> name)
    {
        var at = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(name);
        return at % 3 == 0 ? (at / 3) + 1 : 0;
    }
}
