using System.Buffers;
using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>What holds for all records of a resource, or of a scope.</summary>
internal ref struct OtlpGroup
{
    private ReadOnlySpan<byte> _owner;
    private ArrayBufferWriter<byte>? _owners;
    private ArrayBufferWriter<byte>? _unknown;

    /// <summary>The resource, or the scope.</summary>
    public readonly ReadOnlySpan<byte> Owner => _owners is null ? _owner : _owners.WrittenSpan;

    /// <summary>Whether there is one at all.</summary>
    public bool HasOwner { get; private set; }

    /// <summary>Where its terms are explained.</summary>
    public ReadOnlySpan<byte> SchemaUrl { get; set; }

    /// <summary>Fields of a later version, as they are.</summary>
    public readonly ReadOnlySpan<byte> Unknown => _unknown is null ? default : _unknown.WrittenSpan;

    /// <summary>How many bytes are said of each record by this.</summary>
    public readonly int Length => Owner.Length + SchemaUrl.Length + Unknown.Length;

    /// <summary>One that comes twice is one: protobuf puts the two together.</summary>
    public void TakeOwner(ReadOnlySpan<byte> owner)
    {
        if (!HasOwner)
        {
            HasOwner = true;
            _owner = owner;
            return;
        }

        if (_owners is null)
        {
            _owners = new();
            _owners.Write(_owner);
        }

        _owners.Write(owner);
    }

    /// <summary>Passes over a field; one that is not known is kept.</summary>
    public void TakeOther(bool isKnown, ReadOnlySpan<byte> bytes, ref WireReader fields)
    {
        var start = fields.FieldStart;
        fields.Skip();
        if (!isKnown)
        {
            _unknown ??= new();
            _unknown.Write(bytes[start..fields.Position]);
        }
    }
}
