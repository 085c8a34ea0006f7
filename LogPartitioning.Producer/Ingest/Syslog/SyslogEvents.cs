using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Delivery;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>
/// Makes events of messages. Nobody can be told that a message is refused, so none is: what an event cannot have as it is goes into other attributes,
/// and in the end into the text. For one thread.
/// </summary>
internal sealed class SyslogEvents(IOptions<SyslogOptions> options, StoreOptions store, TimeProvider time) : IDisposable
{
    /// <summary>So much of a message that is no text is kept where its other parts do not fit: as text it may take three times as much, and that has to be a message.</summary>
    private const int MaxWholeBytes = EventRules.MaxMessageBytes / 3;

    private const string NoSource = "syslog";

    /// <summary>The level of a message without a priority.</summary>
    private const Severity NoLevel = Severity.Information;

    private static readonly Severity[] s_levels =
    [
        Severity.Critical, Severity.Critical, Severity.Critical, Severity.Error, Severity.Warning, Severity.Information, Severity.Information, Severity.Debug,
    ];

    private readonly SourceChoice _choice = SourceChoices.TryParse(options.Value.Source, out var choice) ? choice : default;
    private readonly TimestampRange _range = store.TakenTimestamps;
    private readonly RecordComposer _composer = new();
    private byte[] _scratch = new byte[1024];

    /// <summary>Adds the event that a message is.</summary>
    /// <param name="batch">Where to; it has room.</param>
    /// <param name="bytes">The message.</param>
    /// <param name="truncated">How many bytes of it are not there.</param>
    /// <param name="peer">The address that it came from.</param>
    public void Add(EventBatch batch, in ReadOnlySequence<byte> bytes, long truncated, string peer)
    {
        if (bytes.IsSingleSegment)
        {
            Add(batch, bytes.FirstSpan, truncated, peer);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent((int)bytes.Length);
        try
        {
            bytes.CopyTo(copy);
            Add(batch, copy.AsSpan(0, (int)bytes.Length), truncated, peer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <inheritdoc cref="Add(EventBatch, in ReadOnlySequence{byte}, long, string)"/>
    public void Add(EventBatch batch, ReadOnlySpan<byte> bytes, long truncated, string peer)
    {
        if (truncated > 0 && Rune.DecodeLastFromUtf8(bytes, out _, out var part) == OperationStatus.NeedMoreData)
        {
            // Cut within a character: with the part of it that is here nothing of it would be text.
            bytes = bytes[..^part];
            truncated += part;
        }

        var frame = WithoutEnd(bytes);
        var message = SyslogParser.Parse(frame, time);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var level = message.Priority is { } priority ? s_levels[priority & 7] : NoLevel;
        var source = SourceOf(message, peer, out var saysApp);
        // A time that the store would not take is kept as text, and the event has that of its receipt.
        var own = message.Time is { } said && _range.BrokenBy(said, now) is null ? message.Time : null;

        _composer.Begin();
        AddHeader(message, saysApp, own is null || message.IsGuessed || HasMoreThanMicroseconds(message.Timestamp));
        AddTruncated(truncated);
        if (!TryAddStructuredData(message.StructuredData) || _composer.TryBuild(id, source, level, message.Text, own ?? now, out var value) is not null)
        {
            own = null;
            value = BuildPlain(id, source, level, message.Priority, frame, truncated, now);
        }

        batch.Add(new RequestEvent(id, source, value, null) { HasOwnTimestamp = own is not null });
    }

    /// <inheritdoc/>
    public void Dispose() => _composer.Dispose();

    /// <summary>An event whose attributes would be too large: with the whole message as its text.</summary>
    private byte[] BuildPlain(Guid id, string source, Severity level, int? priority, ReadOnlySpan<byte> frame, long truncated, DateTimeOffset now)
    {
        var text = RecordComposer.IsText(frame) ? frame : frame[..Math.Min(frame.Length, MaxWholeBytes)];
        _composer.Begin();
        AddPriority(priority);
        AddTruncated(truncated + frame.Length - text.Length);
        if (!RecordComposer.IsText(text))
        {
            _composer.Keep("message_base64", Convert.ToBase64String(text));
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).Replace('\0', (char)Rune.ReplacementChar.Value));
        }

        return _composer.TryBuild(id, source, level, text, now, out var value) is { } problem
            ? throw new InvalidOperationException($"A message of {frame.Length} bytes makes no event: {problem}.")
            : value;
    }

    private void AddHeader(in SyslogMessage message, bool saysApp, bool keepsTimestamp)
    {
        Keep("host.name"u8, message.Host);
        if (!saysApp)
        {
            Keep("syslog.appname"u8, message.App);
        }

        if (IsPlainNumber(message.ProcessId, out var process))
        {
            _composer.Add("process.pid"u8, process);
        }
        else
        {
            Keep("process.pid"u8, message.ProcessId);
        }

        AddPriority(message.Priority);
        Keep("syslog.msgid"u8, message.MessageId);
        if (keepsTimestamp)
        {
            Keep("syslog.timestamp"u8, message.Timestamp);
        }
    }

    private void AddPriority(int? priority)
    {
        if (priority is { } known)
        {
            _composer.Add("syslog.facility"u8, known >> 3);
            _composer.Add("syslog.severity"u8, known & 7);
        }
    }

    private void AddTruncated(long truncated)
    {
        if (truncated > 0)
        {
            _composer.Add("syslog.truncated_bytes"u8, truncated);
        }
    }

    /// <returns>False where there is more than the attributes may have: a short message of many parameters says the name of their element thousands of times.</returns>
    private bool TryAddStructuredData(ReadOnlySpan<byte> data)
    {
        var reader = new StructuredDataReader(data);
        var added = 0;
        while (reader.Read())
        {
            var size = "syslog.sd..".Length + reader.Id.Length + reader.Name.Length + reader.Value.Length;
            added += size;
            if (added > EventRules.MaxAttributesBytes)
            {
                return false;
            }

            var room = Room(size);
            var length = Append(room, 0, "syslog.sd."u8);
            length = Append(room, length, reader.Id);
            if (!reader.Name.IsEmpty)
            {
                length = Append(room, length, "."u8);
                length = Append(room, length, reader.Name);
            }

            var value = room[length..];
            KeepAny(room[..length], value[..StructuredDataReader.Unescape(reader.Value, value)]);
        }

        return true;
    }

    private void Keep(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            KeepAny(name, value);
        }
    }

    private void KeepAny(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
        {
            _composer.Keep(name, value);
        }
        else
        {
            _composer.Keep($"{Encoding.UTF8.GetString(name)}_base64", Convert.ToBase64String(value));
        }
    }

    private string SourceOf(in SyslogMessage message, string peer, out bool saysApp)
    {
        var first = _choice == SourceChoice.App ? message.App : message.Host;
        var second = _choice == SourceChoice.App ? message.Host : message.App;
        if (_choice == SourceChoice.HostAndApp && !first.IsEmpty && !second.IsEmpty)
        {
            var room = Room(first.Length + 1 + second.Length);
            var length = Append(room, Append(room, Append(room, 0, first), "/"u8), second);
            saysApp = false;
            return SourceName.Of(room[..length], NoSource, out _);
        }

        var name = first.IsEmpty ? second : first;
        if (name.IsEmpty)
        {
            saysApp = false;
            return SourceName.Of(peer, NoSource);
        }

        var source = SourceName.Of(name, NoSource, out var isExact);
        saysApp = isExact && name == message.App;
        return source;
    }

    /// <summary>A message may end as a line does, or with the NUL that ends a text in C: that is no part of it.</summary>
    private static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> frame)
    {
        foreach (var end in "\0\n\r"u8)
        {
            if (!frame.IsEmpty && frame[^1] == end)
            {
                frame = frame[..^1];
            }
        }

        return frame;
    }

    private static bool IsPlainNumber(ReadOnlySpan<byte> text, out long number) =>
        Utf8Parser.TryParse(text, out number, out var length, 'D') && length == text.Length && text.Length < 19 && char.IsAsciiDigit((char)text[0]) && (text[0] != '0' || text.Length == 1);

    private static bool HasMoreThanMicroseconds(ReadOnlySpan<byte> timestamp)
    {
        var point = timestamp.IndexOf((byte)'.');
        if (point < 0)
        {
            return false;
        }

        var digits = timestamp[(point + 1)..];
        var end = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return (end < 0 ? digits.Length : end) > 6;
    }

    private Span<byte> Room(int length)
    {
        if (_scratch.Length < length)
        {
            _scratch = new byte[Math.Max(length, 2 * _scratch.Length)];
        }

        return _scratch;
    }

    private static int Append(Span<byte> room, int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(room[length..]);
        return length + text.Length;
    }
}
