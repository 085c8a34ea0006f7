using System.Text;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>Names and values in UTF-8, in buffers that are kept from one list to the next. Of those that are too large for an event no more is kept.</summary>
internal sealed class LabelPairs
{
    /// <summary>What a pair takes in JSON beside its name and its value: <c>"":"",</c>.</summary>
    private const int PairBytes = 6;

    private readonly List<(int Start, int Middle, int End)> _pairs = [];
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>How many there are, or were kept.</summary>
    public int Count => _pairs.Count;

    /// <summary>How many bytes they take together as attributes, at the least.</summary>
    public int Bytes { get; private set; }

    /// <summary>Whether they are more than an event can have.</summary>
    public bool IsTooLarge => Bytes > EventRules.MaxAttributesBytes;

    public ReadOnlySpan<byte> NameAt(int index) => _bytes.AsSpan(_pairs[index].Start.._pairs[index].Middle);

    public ReadOnlySpan<byte> ValueAt(int index) => _bytes.AsSpan(_pairs[index].Middle.._pairs[index].End);

    /// <summary>Begins with none.</summary>
    public void Clear()
    {
        _pairs.Clear();
        (_length, Bytes) = (0, 0);
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // A body is too small to make more of it than a number can hold.
        Bytes += PairBytes + name.Length + value.Length;
        if (IsTooLarge)
        {
            return;
        }

        var start = _length;
        Append(name);
        var middle = _length;
        Append(value);
        _pairs.Add((start, middle, _length));
    }

    /// <summary>The value of a name; empty where there is none.</summary>
    public ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (NameAt(i).SequenceEqual(name))
            {
                return ValueAt(i);
            }
        }

        return [];
    }

    /// <summary>All of them as Loki writes a stream: <c>{app="shop", level="info"}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        for (var i = 0; i < Count; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(Encoding.UTF8.GetString(NameAt(i))).Append("=\"").Append(Encoding.UTF8.GetString(ValueAt(i))).Append('"');
        }

        return text.Append('}').ToString();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
