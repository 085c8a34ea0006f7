namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Messages of RFC 5424, behind their priority: <c>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]</c>.</summary>
internal static class Rfc5424
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a message. Fields may be longer than they should: nothing depends on it.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(ReadOnlySpan<byte> rest, out SyslogMessage message)
    {
        message = default;
        if (!rest.StartsWith("1 "u8))
        {
            return false;
        }

        rest = rest[2..];
        if (!TryField(ref rest, out message.Timestamp) || !TryField(ref rest, out message.Host) || !TryField(ref rest, out message.App)
            || !TryField(ref rest, out message.ProcessId) || !TryField(ref rest, out message.MessageId) || !TryStructuredData(ref rest, out message.StructuredData))
        {
            return false;
        }

        if (!rest.IsEmpty && rest[0] != ' ')
        {
            return false;
        }

        message.Time = SyslogTime.TryFull(message.Timestamp, out var time) ? time : null;
        rest = rest.IsEmpty ? rest : rest[1..];
        message.Text = rest.StartsWith(ByteOrderMark) ? rest[ByteOrderMark.Length..] : rest;
        return true;
    }

    private static bool TryField(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> field)
    {
        field = SyslogParser.TakeWord(ref rest);
        var isThere = field.Length > 0;
        field = field.SequenceEqual("-"u8) ? [] : field;
        return isThere;
    }

    private static bool TryStructuredData(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        if (rest[0] == '-')
        {
            rest = rest[1..];
            return true;
        }

        var reader = new StructuredDataReader(rest);
        while (reader.Read())
        {
        }

        if (reader.IsBroken || reader.Length == 0)
        {
            return false;
        }

        data = rest[..reader.Length];
        rest = rest[reader.Length..];
        return true;
    }
}
