using System.Runtime.InteropServices;

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
    private readonly Dictionary<T, int> _places;

    // A binary heap by count, the smallest first: that is the one to give way.
    private readonly Entry[] _heap;
    private int _size;

    /// <summary>An empty summary of at most <paramref name="capacity"/> items.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1.</exception>
    public SpaceSaving(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _heap = new Entry[capacity];
        _places = new Dictionary<T, int>();
    }

    /// <summary>How many items are kept at most.</summary>
    public int Capacity { get; }

    /// <summary>The weight of all items so far, kept or not.</summary>
    public long Total { get; private set; }

    /// <summary>The largest weight that an item which is not kept can have had; 0 until the summary is full.</summary>
    public long LargestMissed => _size < Capacity ? 0 : _heap[0].Count;

    /// <summary>The items kept, in no order.</summary>
    public IEnumerable<Entry> Entries => _heap.Take(_size);

    /// <summary>Counts <paramref name="item"/>, in O(log capacity).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is less than 1.</exception>
    public void Add(T item, long weight = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1);
        Total += weight;
        ref var place = ref CollectionsMarshal.GetValueRefOrNullRef(_places, item);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref place))
        {
            var at = place;
            _heap[at] = _heap[at] with { Count = _heap[at].Count + weight };
            SinkFrom(at);
        }
        else if (_size < Capacity)
        {
            _heap[_size] = new Entry(item, weight, 0);
            _places[item] = _size;
            RiseFrom(_size++);
        }
        else
        {
            // The newcomer may be the one that gave way before, so it inherits the count, and owes it as error.
            var smallest = _heap[0];
            _places.Remove(smallest.Item);
            _heap[0] = new Entry(item, smallest.Count + weight, smallest.Count);
            _places[item] = 0;
            SinkFrom(0);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_heap, 0, _size);
        _places.Clear();
        _size = 0;
        Total = 0;
    }

    private void RiseFrom(int at)
    {
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (_heap[parent].Count <= _heap[at].Count)
            {
                return;
            }

            Swap(at, parent);
            at = parent;
        }
    }

    private void SinkFrom(int at)
    {
        while (true)
        {
            var child = (2 * at) + 1;
            if (child >= _size)
            {
                return;
            }

            if (child + 1 < _size && _heap[child + 1].Count < _heap[child].Count)
            {
                child++;
            }

            if (_heap[at].Count <= _heap[child].Count)
            {
                return;
            }

            Swap(at, child);
            at = child;
        }
    }

    private void Swap(int a, int b)
    {
        (_heap[a], _heap[b]) = (_heap[b], _heap[a]);
        _places[_heap[a].Item] = a;
        _places[_heap[b].Item] = b;
    }

    /// <summary>An item that is kept.</summary>
    /// <param name="Item">The item.</param>
    /// <param name="Count">Its weight, or more: the true weight is between Count - Error and Count.</param>
    /// <param name="Error">How much too large the count may be.</param>
    public readonly record struct Entry(T Item, long Count, long Error);
}
