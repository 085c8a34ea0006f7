namespace LogPartitioning.Producer.Partitioning;

/// <summary>
/// The heaviest items of a stream in bounded memory: the Space-Saving summary of Metwally, Agrawal and El Abbadi
/// ("Efficient computation of frequent and top-k elements in data streams", ICDT 2005). With a capacity of m and a total
/// weight of N: a count is never too small, is too large by at most its own error, which is at most N / m, and each item
/// that makes up more than N / m is among those kept. Not safe for concurrent use.
/// </summary>
/// <typeparam name="T">What is counted.</typeparam>
internal sealed class SpaceSaving<T>
    where T : notnull
{
    private readonly Dictionary<T, Node> _nodes;

    // A binary heap by count, the smallest first: that is the one to give way. Each knows its place, so that one that moves is not looked up.
    private readonly Node[] _heap;
    private int _size;

    /// <summary>An empty summary of at most <paramref name="capacity"/> items.</summary>
    /// <param name="capacity">How many items are kept.</param>
    /// <param name="comparer">Which items are one; null for those that are equal.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1.</exception>
    public SpaceSaving(int capacity, IEqualityComparer<T>? comparer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _heap = new Node[capacity];
        _nodes = new Dictionary<T, Node>(comparer);
    }

    /// <summary>How many items are kept at most.</summary>
    public int Capacity { get; }

    /// <summary>The weight of all items so far, kept or not.</summary>
    public long Total { get; private set; }

    /// <summary>The largest weight that an item which is not kept can have had; 0 until the summary is full.</summary>
    public long LargestMissed => _size < Capacity ? 0 : _heap[0].Count;

    /// <summary>The items kept, in no order.</summary>
    public IEnumerable<Entry> Entries => _heap.Take(_size).Select(node => new Entry(node.Item, node.Count, node.Error));

    /// <summary>Counts <paramref name="item"/>, in O(log capacity).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is less than 1.</exception>
    public void Add(in T item, long weight = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        Total += weight;
        if (_nodes.TryGetValue(item, out var node))
        {
            node.Count += weight;
            Sink(node);
        }
        else if (_size < Capacity)
        {
            node = new Node(item) { Count = weight, Place = _size };
            _nodes[item] = node;
            _size++;
            Rise(node);
        }
        else
        {
            // The newcomer may be the one that gave way before, so it inherits the count, and owes it as error.
            node = _heap[0];
            _nodes.Remove(node.Item);
            node.Item = item;
            node.Error = node.Count;
            node.Count += weight;
            _nodes[item] = node;
            Sink(node);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_heap, 0, _size);
        _nodes.Clear();
        _size = 0;
        Total = 0;
    }

    private void Rise(Node node)
    {
        var at = node.Place;
        while (at > 0 && _heap[(at - 1) / 2] is var parent && parent.Count > node.Count)
        {
            Put(parent, at);
            at = (at - 1) / 2;
        }

        Put(node, at);
    }

    private void Sink(Node node)
    {
        var at = node.Place;
        while (true)
        {
            var child = (2 * at) + 1;
            if (child + 1 < _size && _heap[child + 1].Count < _heap[child].Count)
            {
                child++;
            }

            if (child >= _size || node.Count <= _heap[child].Count)
            {
                break;
            }

            Put(_heap[child], at);
            at = child;
        }

        Put(node, at);
    }

    private void Put(Node node, int at)
    {
        _heap[at] = node;
        node.Place = at;
    }

    /// <summary>An item that is kept.</summary>
    /// <param name="Item">The item.</param>
    /// <param name="Count">Its weight, or more: the true weight is between Count - Error and Count.</param>
    /// <param name="Error">How much too large the count may be.</param>
    public readonly record struct Entry(T Item, long Count, long Error);

    private sealed class Node(T item)
    {
        public T Item { get; set; } = item;

        public long Count { get; set; }

        public long Error { get; set; }

        public int Place { get; set; }
    }
}
