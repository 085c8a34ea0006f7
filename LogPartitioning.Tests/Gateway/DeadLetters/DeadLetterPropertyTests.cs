using FsCheck.Xunit;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.DeadLetters;

/// <summary>What holds for dead letters and their pages whatever is in them.</summary>
public sealed class DeadLetterPropertyTests
{
    private static readonly DateTimeOffset Epoch = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 500)]
    public bool A_dead_letter_keeps_every_byte(byte[]? key, byte[]? value, string? detail, long offset)
    {
        var letter = new DeadLetter("log-events", 3, offset, "malformed", detail, Epoch, key, value);
        return DeadLetter.TryParse(letter.Serialize(), out var read)
            && read.Offset == offset
            && (read.Key ?? []).AsSpan().SequenceEqual(key)
            && (read.Value ?? []).AsSpan().SequenceEqual(value)
            && (read.Key is null) == (key is null)
            && (read.Value is null) == (value is null);
    }

    [Property(MaxTest = 500)]
    public bool Any_bytes_are_a_dead_letter_or_not(byte[] bytes) => DeadLetter.TryParse(bytes, out var letter) == (letter is not null);

    [Property(MaxTest = 500)]
    public bool Pages_give_every_dead_letter_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var partitions = Enumerable.Range(0, random.Next(1, 6)).Select(p => Partition(random, p)).ToList();
        var limit = random.Next(1, 8);
        var seen = new List<DeadLetterRecord>();
        OffsetsCursor? cursor = OffsetsCursor.Start;
        for (var pages = 0; cursor is not null; pages++)
        {
            if (pages > 500)
            {
                return false;
            }
            var page = DeadLetterHead.Merge([.. partitions.Select(p => Read(p, cursor, limit, random))], limit);
            if (page.Items.Count > limit)
            {
                return false;
            }
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        return partitions.All(p => seen.Where(r => r.Partition == p.Range.Partition).SequenceEqual(p.Records));
    }

    [Property(MaxTest = 500)]
    public bool Pages_that_let_go_of_what_comes_last_still_give_all_in_order(int seed)
    {
        var random = new Random(seed);
        var partitions = Enumerable.Range(0, random.Next(1, 6)).Select(p => Partition(random, p)).ToList();
        var whole = DeadLetterHead.Merge([.. partitions.Select(p => Whole(p, OffsetsCursor.Start))], int.MaxValue).Items;
        var seen = new List<DeadLetterRecord>();
        OffsetsCursor? cursor = OffsetsCursor.Start;
        while (cursor is not null)
        {
            // Each takes in one record after the other, as brokers mix them, and holds no more than a few.
            var most = random.Next(1, 5);
            var heads = partitions.Select(p => new DeadLetterHead(p.Range with { From = cursor.Offsets.GetValueOrDefault(p.Range.Partition) })).ToList();
            var left = partitions.Select((p, i) => new Queue<DeadLetterRecord>(p.Records.Where(r => r.Offset >= heads[i].Range.From))).ToList();
            while (left.FindAll(l => l.Count > 0) is { Count: > 0 } waiting)
            {
                var next = waiting[random.Next(waiting.Count)].Dequeue();
                heads[next.Partition].Add(next);
                while (heads.Sum(h => h.Count) > most)
                {
                    left[DeadLetterHead.DropLast(heads).Head.Range.Partition].Clear();
                }
            }
            var page = DeadLetterHead.Merge(heads, most);
            if (page.Items.Count == 0 && page.Next is not null)
            {
                return false;
            }
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        return seen.SequenceEqual(whole);
    }

    [Property(MaxTest = 500)]
    public bool Pages_of_one_reason_give_each_partition_all_of_it_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var partitions = Enumerable.Range(0, random.Next(1, 6)).Select(p => Partition(random, p)).ToList();
        var (limit, looked) = (random.Next(1, 8), random.Next(1, 5));
        var seen = new List<DeadLetterRecord>();
        OffsetsCursor? cursor = OffsetsCursor.Start;
        for (var pages = 0; cursor is not null; pages++)
        {
            if (pages > 500)
            {
                return false;
            }
            var page = DeadLetterHead.Merge([.. partitions.Select(p => Look(p, cursor))], limit);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        // Between partitions the order is that of each page: what was skipped on the one before no longer counts.
        return partitions.All(p => seen.Where(r => r.Partition == p.Range.Partition).SequenceEqual(p.Records.Where(r => r.Reason == DeadLetterRecord.Unreadable && r.Offset >= p.Range.From)));

        DeadLetterHead Look((OffsetRange Range, List<DeadLetterRecord> Records) partition, OffsetsCursor from)
        {
            var head = new DeadLetterHead(partition.Range with { From = from.Offsets.GetValueOrDefault(partition.Range.Partition) });
            foreach (var record in partition.Records.Where(r => r.Offset >= head.Range.From).Take(looked))
            {
                if (record.Reason == DeadLetterRecord.Unreadable)
                {
                    head.Add(record);
                }
                else
                {
                    head.Skip(record);
                }
                head.Cut = record.Offset + 1 < head.Range.To;
            }
            return head;
        }
    }

    [Property(MaxTest = 500)]
    public bool Pages_newest_first_give_every_letter_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var partitions = Enumerable.Range(0, random.Next(1, 6)).Select(p => Partition(random, p)).ToList();
        var reason = random.Next(2) == 0 ? null : DeadLetterRecord.Unreadable;
        var limit = random.Next(1, 8);
        var seen = new List<(int Partition, long Offset)>();
        OffsetsCursor? cursor = OffsetsCursor.End;
        for (var pages = 0; cursor is not null; pages++)
        {
            if (pages > 500 || cursor.Order != LogOrder.Newest)
            {
                return false;
            }
            var room = new DeadLetterTail.Room(DeadLetterReader.MaxPageBytes);
            var tails = partitions.Select(p => new DeadLetterTail(
                p.Range with { To = Math.Min(p.Range.To, cursor.Offsets.GetValueOrDefault(p.Range.Partition, long.MaxValue)) }, limit, partitions.Count, reason is null, room)).ToList();
            var page = DeadLetterTail.Merge(tails, limit, Read);
            if (page.Count > limit || page.Sum(letter => letter.Record?.Bytes ?? 0) > DeadLetterReader.MaxPageBytes
                || (page.Count > 1 && page.Sum(letter => letter.Bytes) > DeadLetterReader.MaxPageBytes))
            {
                return false;
            }
            seen.AddRange(page.Select(letter => (letter.Partition, letter.Offset)));
            cursor = DeadLetterTail.Next(tails);

            bool Read(IReadOnlyList<DeadLetterTail> reading)
            {
                if (random.Next(5) == 0 && tails.Any(tail => tail.Position < tail.Range.To))
                {
                    // As when the time is over.
                    return false;
                }
                foreach (var tail in reading)
                {
                    var piece = tail.Begin();
                    foreach (var record in partitions[piece.Partition].Records.Where(r => r.Offset >= piece.From && r.Offset < piece.To))
                    {
                        if (!tail.Add(record, reason is null || record.Reason == reason))
                        {
                            break;
                        }
                    }
                    tail.End();
                }
                return true;
            }
        }
        // Of one reason the order between partitions is that of each page: what was gone by on the one before no longer counts.
        return reason is null
            ? seen.SequenceEqual(NewestFirst(partitions))
            : partitions.All(p => seen.Where(place => place.Partition == p.Range.Partition).Select(place => place.Offset)
                .SequenceEqual(p.Records.Where(r => r.Reason == reason).Select(r => r.Offset).Reverse()));
    }

    /// <summary>Each letter waits for those behind it in its partition, and one without a time for the one behind it.</summary>
    private static List<(int Partition, long Offset)> NewestFirst(IReadOnlyList<(OffsetRange Range, List<DeadLetterRecord> Records)> partitions)
    {
        var all = new List<(DateTimeOffset Turn, DeadLetterRecord Record)>();
        foreach (var partition in partitions)
        {
            var turn = DateTimeOffset.MaxValue;
            foreach (var record in partition.Records.AsEnumerable().Reverse())
            {
                turn = record.Letter is { } letter && letter.At < turn ? letter.At : turn;
                all.Add((turn, record));
            }
        }
        return [.. all.OrderByDescending(one => one.Turn).ThenBy(one => one.Record.Partition).ThenByDescending(one => one.Record.Offset).Select(one => (one.Record.Partition, one.Record.Offset))];
    }

    [Fact]
    public void A_page_merges_partitions_by_time()
    {
        var first = new DeadLetterHead(new OffsetRange(0, 0, 2));
        first.Add(Record(0, 0, 1));
        first.Add(Record(0, 1, 5));
        var second = new DeadLetterHead(new OffsetRange(1, 0, 2));
        second.Add(Record(1, 0, 2));
        second.Add(Record(1, 1, 3));

        var page = DeadLetterHead.Merge([first, second], 3);

        Assert.Equal([(0, 0L), (1, 0L), (1, 1L)], page.Items.Select(i => (i.Partition, i.Offset)));
        Assert.Equal(1, page.Next!.Offsets.GetValueOrDefault(0));
        Assert.Equal(2, page.Next.Offsets.GetValueOrDefault(1));
    }

    [Fact]
    public void The_last_page_has_no_next()
    {
        var head = new DeadLetterHead(new OffsetRange(0, 7, 8));
        head.Add(Record(0, 7, 1));

        Assert.Null(DeadLetterHead.Merge([head, new DeadLetterHead(new OffsetRange(1, 4, 4))], 10).Next);
    }

    private static (OffsetRange Range, List<DeadLetterRecord> Records) Partition(Random random, int partition)
    {
        // Offsets with gaps, times that stand still or go on.
        var records = new List<DeadLetterRecord>();
        var offset = (long)random.Next(3);
        var seconds = 0;
        for (var n = random.Next(20); n > 0; n--)
        {
            records.Add(Record(partition, offset, seconds += random.Next(3), readable: random.Next(6) != 0) with { Bytes = random.Next(4) == 0 ? random.Next(1_500_000) : random.Next(1_000) });
            offset += random.Next(1, 3);
        }
        return (new OffsetRange(partition, 0, offset), records);
    }

    private static DeadLetterHead Whole((OffsetRange Range, List<DeadLetterRecord> Records) partition, OffsetsCursor cursor)
    {
        var head = new DeadLetterHead(partition.Range with { From = cursor.Offsets.GetValueOrDefault(partition.Range.Partition) });
        partition.Records.ForEach(head.Add);
        return head;
    }

    private static DeadLetterHead Read(
        (OffsetRange Range, List<DeadLetterRecord> Records) partition, OffsetsCursor cursor, int limit, Random random)
    {
        // As the reader does: from the cursor on, and no further than the limit or, as with large records, less.
        var head = new DeadLetterHead(partition.Range with { From = cursor.Offsets.GetValueOrDefault(partition.Range.Partition) });
        var enough = random.Next(1, limit + 1);
        foreach (var record in partition.Records.Where(r => r.Offset >= head.Range.From))
        {
            head.Add(record);
            if (head.Count == enough)
            {
                head.Cut = record.Offset + 1 < head.Range.To;
                break;
            }
        }
        return head;
    }

    private static DeadLetterRecord Record(int partition, long offset, int seconds, bool readable = true) => new(
        partition, offset,
        readable ? new DeadLetter("log-events", partition, offset, "malformed", null, Epoch.AddSeconds(seconds), null, [1]) : null,
        readable ? null : [0]);
}
