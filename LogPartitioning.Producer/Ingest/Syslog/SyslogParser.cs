namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Reads a message: by RFC 5424, else by RFC 3164, else as text, which it may have a priority in front of.</summary>
internal static class SyslogParser
{
    private const int MaxPriority = 191;
    private const int MaxPriorityDigits = 3;

    /// <summary>Reads a message. Never throws, whatever the bytes, and nothing of them is lost.</summary>
    /// <param name="frame">The bytes.</param>
    /// <param name="time">The clock, by which the year of a time without one is told, and the zone of this machine.</param>
    public static SyslogMessage Parse(ReadOnlySpan<byte> frame, TimeProvider time)
    {
        if (!TryPriority(frame, out var priority, out var rest))
        {
            return new() { Text = frame };
        }

        if (!Rfc5424.TryParse(rest, out var message) && !Rfc3164.TryParse(rest, time, out message))
        {
            message = new() { Text = rest };
        }

        message.Priority = priority;
        return message;
    }

    /// <summary>Takes a word, up to the next blank, which goes with it, or to the end.</summary>
    internal static ReadOnlySpan<byte> TakeWord(scoped ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return word;
    }

    private static bool TryPriority(ReadOnlySpan<byte> frame, out int priority, out ReadOnlySpan<byte> rest)
    {
        priority = 0;
        rest = default;
        if (frame.Length < 3 || frame[0] != '<')
        {
            return false;
        }

        var end = frame[..Math.Min(frame.Length, MaxPriorityDigits + 2)].IndexOf((byte)'>');
        if (end < 2)
        {
            return false;
        }

        foreach (var digit in frame[1..end])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            priority = (priority * 10) + (digit - '0');
        }

        rest = frame[(end + 1)..];
        return priority <= MaxPriority;
    }
}
