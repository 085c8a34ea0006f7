namespace LogPartitioning.Otlp;

/// <summary>How the value of a field is written in protobuf (https://protobuf.dev/programming-guides/encoding).</summary>
public enum WireType
{
    /// <summary>A whole number, 7 bits a byte.</summary>
    Varint = 0,

    /// <summary>Eight bytes.</summary>
    Fixed64 = 1,

    /// <summary>A length, and as many bytes.</summary>
    Bytes = 2,

    /// <summary>The start of a group, which nobody writes any more.</summary>
    StartGroup = 3,

    /// <summary>The end of a group.</summary>
    EndGroup = 4,

    /// <summary>Four bytes.</summary>
    Fixed32 = 5,
}
