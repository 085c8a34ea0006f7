using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>Reads an attribute of OTLP.</summary>
internal ref struct KeyValue
{
    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Key;

    /// <summary>The bytes of the value; empty where there is none, or an empty one.</summary>
    public ReadOnlySpan<byte> Value;

    /// <summary>Whether there is one name and one value, and nothing else.</summary>
    public bool IsPlain;

    /// <exception cref="MalformedProtobufException">It is none.</exception>
    public static void Read(ReadOnlySpan<byte> bytes, out KeyValue pair)
    {
        pair = default;
        var fields = new WireReader(bytes);
        var (keys, values, others) = (0, 0, 0);
        while (fields.Next())
        {
            if (fields.Is(OtlpFields.Pair.Key, WireType.Bytes))
            {
                keys++;
                pair.Key = fields.Bytes();
            }
            else if (fields.Is(OtlpFields.Pair.Value, WireType.Bytes))
            {
                values++;
                pair.Value = fields.Bytes();
            }
            else
            {
                others++;
                fields.Skip();
            }
        }

        pair.IsPlain = keys <= 1 && values == 1 && others == 0;
    }
}
