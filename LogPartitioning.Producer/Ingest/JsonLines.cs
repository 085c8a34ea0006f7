namespace LogPartitioning.Producer.Ingest;

/// <summary>The lines of a body that is here as a whole: without blank ones, and without the byte order mark before the first.</summary>
internal ref struct JsonLines
{
    private ReadOnlySpan<byte> _rest;

    /// <param name="body">The body.</param>
    public JsonLines(ReadOnlySpan<byte> body) => _rest = body.StartsWith("\uFEFF"u8) ? body["\uFEFF"u8.Length..] : body;

    /// <summary>The line, without its end.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Its number, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Goes on to the next line that has something.</summary>
    public bool MoveNext()
    {
        while (_rest.Length > 0)
        {
            var end = _rest.IndexOf((byte)'\n');
            Current = (end < 0 ? _rest : _rest[..end]).Trim(" \t\r"u8);
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            Number++;
            if (Current.Length > 0)
            {
                return true;
            }
        }

        return false;
    }
}
