namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>
/// Messages of RFC 3164, behind their priority: <c>TIMESTAMP HOSTNAME TAG[PID]: MSG</c>. That page describes what programs did; so the time may be one of
/// RFC 3339 too, as rsyslog forwards it, the host may be missing, as of what programs write to their own machine, and so may the tag.
/// </summary>
internal static class Rfc3164
{
    private const int MaxTagBytes = 128;

    /// <summary>Reads a message.</summary>
    /// <returns>Whether it begins with a time, by which it is known.</returns>
    public static bool TryParse(ReadOnlySpan<byte> rest, TimeProvider clock, out SyslogMessage message)
    {
        SyslogMessage read = default;
        message = default;
        if (!TryTime(ref rest, clock, ref read))
        {
            return false;
        }

        if (!TryTag(ref rest, ref read))
        {
            var withHost = rest;
            var host = SyslogParser.TakeWord(ref withHost);
            if (IsHost(host))
            {
                read.Host = host;
                rest = withHost;
                TryTag(ref rest, ref read);
            }
        }

        read.Text = rest;
        message = read;
        return true;
    }

    private static bool TryTime(scoped ref ReadOnlySpan<byte> rest, TimeProvider clock, ref SyslogMessage message)
    {
        if (SyslogTime.TryShort(rest, clock, out var guessed, out var length) && IsEndOfWord(rest, length))
        {
            (message.Time, message.IsGuessed) = (guessed, true);
        }
        else
        {
            length = rest.IndexOf((byte)' ') is var end and >= 0 ? end : rest.Length;
            if (!SyslogTime.TryFull(rest[..length], out var exact))
            {
                return false;
            }

            message.Time = exact;
        }

        message.Timestamp = rest[..length];
        rest = length < rest.Length ? rest[(length + 1)..] : [];
        return true;
    }

    /// <summary>Takes <c>tag:</c> or <c>tag[pid]:</c>, and the blank behind it.</summary>
    private static bool TryTag(scoped ref ReadOnlySpan<byte> rest, ref SyslogMessage message)
    {
        var nameEnd = rest.IndexOfAny(" :["u8);
        if (nameEnd is < 1 or > MaxTagBytes)
        {
            return false;
        }

        var end = nameEnd;
        ReadOnlySpan<byte> process = [];
        if (rest[end] == '[')
        {
            var close = rest[end..].IndexOfAny("] "u8);
            if (close < 2 || rest[end + close] != ']')
            {
                return false;
            }

            process = rest.Slice(end + 1, close - 1);
            end += close + 1;
        }

        if (end >= rest.Length || rest[end] != ':' || !IsEndOfWord(rest, end + 1))
        {
            return false;
        }

        message.App = rest[..nameEnd];
        message.ProcessId = process;
        rest = end + 2 < rest.Length ? rest[(end + 2)..] : [];
        return true;
    }

    private static bool IsHost(ReadOnlySpan<byte> word)
    {
        foreach (var character in word)
        {
            if (!char.IsAsciiLetterOrDigit((char)character) && !".-_:/%"u8.Contains(character))
            {
                return false;
            }
        }

        return word.Length > 0;
    }

    private static bool IsEndOfWord(ReadOnlySpan<byte> text, int at) => at == text.Length || text[at] == ' ';
}
