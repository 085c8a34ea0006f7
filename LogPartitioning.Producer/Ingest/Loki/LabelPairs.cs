using System.Text;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>Names and values in UTF-8, in buffers that are kept from one list to the next.</summary>
internal sealed class LabelPairs
{
    private readonly List<(int Start, int Middle, int End)> _pairs = [];
    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>How many there are.</summary>
    public int Count => _pairs.Count;

    /// <summary>How many bytes they have together.</summary>
    public int Bytes => _length;

    public ReadOnlySpan<byte> NameAt(int index) => _bytes.AsSpan(_pairs[index].Start.._pairs[index].Middle);

    public ReadOnlySpan<byte> ValueAt(int index) => _bytes.AsSpan(_pairs[index].Middle.._pairs[index].End);

    /// <summary>Begins with none.</summary>
    public void Clear()
    {
        _pairs.Clear();
        _length = 0;
    }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
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
