using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPartitioning.Core.Events;

/// <summary>Copies the scalar entries of an <c>attributes</c> object into compact JSON, checking each.</summary>
internal sealed class AttributeBuilder : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly Utf8JsonWriter _writer;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public AttributeBuilder()
    {
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _writer.WriteStartObject();
    }

    /// <summary>Takes the value that <paramref name="reader"/> stands at.</summary>
    /// <returns>The rule that name or value breaks, or null when the entry is taken.</returns>
    public string? Take(string name, ref Utf8JsonReader reader)
    {
        if (name.Length == 0)
        {
            return $"must have a name of 1 to {EventRules.MaxAttributeNameCharacters} characters";
        }

        if (EventRules.BrokenByName(name, EventRules.MaxAttributeNameCharacters) is { } brokenName)
        {
            return $"has a name that {brokenName}";
        }

        if (!_names.Add(name))
        {
            return "must appear once";
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return TakeString(name, in reader);
            case JsonTokenType.Number:
                return TakeNumber(name, reader.ValueSpan);
            case JsonTokenType.True or JsonTokenType.False:
                _writer.WriteBoolean(name, reader.TokenType == JsonTokenType.True);
                return null;
            case JsonTokenType.Null:
                _writer.WriteNull(name);
                return null;
            default:
                return $"must be a string, a number, true, false or null, not {reader.TokenType.InWords()}";
        }
    }

    /// <summary>Ends the object and gives its text.</summary>
    public string Build()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    public void Dispose() => _writer.Dispose();

    private string? TakeString(string name, in Utf8JsonReader reader)
    {
        var text = EventParser.TextOf(in reader);
        if (text is null)
        {
            return "must not contain half of a surrogate pair";
        }

        if (EventRules.BrokenByText(text) is { } broken)
        {
            return broken;
        }

        _writer.WriteString(name, text);
        return null;
    }

    private string? TakeNumber(string name, ReadOnlySpan<byte> number)
    {
        if (BrokenByNumber(number) is { } broken)
        {
            return broken;
        }

        _writer.WritePropertyName(name);
        _writer.WriteRawValue(number, skipInputValidation: true);
        return null;
    }

    /// <summary>The rule that a number breaks, or null.</summary>
    internal static string? BrokenByNumber(ReadOnlySpan<byte> number) =>
        // jsonb keeps numbers as numeric, which refuses what a few characters can say, e.g. 1e999999. The digits
        // themselves are kept as sent: a 20-digit order number must not turn into a double.
        number.Length > EventRules.MaxNumberCharacters
            || !Utf8Parser.TryParse(number, out double value, out _) || !double.IsFinite(value) || IsUnderflow(number, value)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"must be a number of at most {EventRules.MaxNumberCharacters} characters in the range of a 64-bit float")
            : null;

    private static bool IsUnderflow(ReadOnlySpan<byte> number, double value)
    {
        if (value != 0)
        {
            return false;
        }

        var exponent = number.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = exponent < 0 ? number : number[..exponent];

        // 0e999999 is zero, but PostgreSQL judges the exponent before it looks at the digits.
        return exponent >= 0 || mantissa.IndexOfAnyInRange((byte)'1', (byte)'9') >= 0;
    }
}
