using System.Text.Json;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>
/// The fields of a document, those of nested objects under the names of all above them with dots between, as Elasticsearch names them. An array is one
/// field, and so is an object that is empty, lies too deep, or has too long a name.
/// </summary>
internal ref struct FlatFields
{
    private const int MaxDepth = 32;

    /// <summary>What lies below a longer name stays together: repeated for each field, a name could make much of few bytes.</summary>
    private const int MaxPrefix = 128;

    private readonly int[] _lengths = new int[MaxDepth];
    private byte[] _name = new byte[2 * MaxPrefix];
    private int _prefix;
    private int _depth;
    private int _length;

    /// <summary>Reads the value of the current field. Whoever moves on must have read it to its end, or skipped it.</summary>
    public Utf8JsonReader Reader;

    /// <param name="json">The document.</param>
    /// <exception cref="JsonException">It is not well-formed.</exception>
    public FlatFields(ReadOnlySpan<byte> json)
    {
        Reader = new(json, JsonTexts.Options);
        Reader.Read();
        if (Reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }
    }

    /// <summary>The name of the current field.</summary>
    public readonly ReadOnlySpan<byte> Name => _name.AsSpan(0, _length);

    /// <summary>Goes on to the next field; false where there is none, and the document has ended.</summary>
    /// <exception cref="JsonException">It is not well-formed.</exception>
    public bool MoveNext()
    {
        while (true)
        {
            Reader.Read();
            if (Reader.TokenType == JsonTokenType.EndObject)
            {
                if (_depth == 0)
                {
                    // Nothing may follow, and what does throws.
                    Reader.Read();
                    return false;
                }

                _prefix = _lengths[--_depth];
                continue;
            }

            Append(JsonTexts.NameOf(in Reader));
            Reader.Read();
            if (Reader.TokenType != JsonTokenType.StartObject || _depth == MaxDepth || _length >= MaxPrefix || IsEmpty(Reader))
            {
                return true;
            }

            _lengths[_depth++] = _prefix;
            _name[_length] = (byte)'.';
            _prefix = _length + 1;
        }
    }

    private static bool IsEmpty(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.EndObject;

    private void Append(ReadOnlySpan<byte> name)
    {
        _length = _prefix + name.Length;
        if (_length >= _name.Length)
        {
            Array.Resize(ref _name, 2 * _length);
        }

        name.CopyTo(_name.AsSpan(_prefix));
    }
}
