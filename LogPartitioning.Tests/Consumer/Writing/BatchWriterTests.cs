using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Writing;

public sealed class BatchWriterTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_was_read_is_stored_in_order_and_the_positions_move()
    {
        var (a, b) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        _bench.Read(a, 12);
        _bench.Read(b, 3);

        await _bench.WriteAllAsync();

        Assert.Equal(Offsets(0, 12), _bench.Store.Stored[0]);
        Assert.Equal(Offsets(0, 3), _bench.Store.Stored[1]);
        Assert.Equal((12, 3), (a.StoredPosition, b.StoredPosition));
        Assert.Equal(15, _bench.Metrics.ProcessedByPartition.Values.Sum());
        Assert.Equal(0, _bench.Buffer.Count);
    }

    [Fact]
    public async Task A_fenced_partition_is_dropped_and_the_rest_is_stored()
    {
        var (kept, taken) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        await _bench.Store.ClaimAsync([1], "somebody else", null, CancellationToken.None);
        _bench.Read(kept, 4);
        _bench.Read(taken, 4);

        await _bench.WriteAllAsync();

        Assert.Equal(PartitionState.Fenced, taken.State);
        Assert.Equal(PartitionState.Running, kept.State);
        Assert.Equal(Offsets(0, 4), _bench.Store.Stored[0]);
        Assert.DoesNotContain(1, _bench.Store.Stored.Keys);
        Assert.Equal(1, _bench.Metrics.FencedTotal);
    }

    [Fact]
    public async Task A_halted_partition_that_is_fenced_does_not_hold_up_the_rest()
    {
        var (kept, halted) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        _bench.Read(kept, 4);
        _bench.Read(halted, 4);
        Assert.True(halted.Halt(new(HaltCause.LogTruncated, "the log ends at 0")));
        await _bench.Store.ClaimAsync([1], "somebody else", null, CancellationToken.None);

        await _bench.WriteAllAsync();

        Assert.Equal(Offsets(0, 4), _bench.Store.Stored[0]);
        Assert.Equal((PartitionState.Fenced, 1L), (halted.State, _bench.Metrics.FencedTotal));
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_not_repeated()
    {
        var partition = await _bench.OwnAsync(0);
        var lost = 0;
        _bench.Store.AfterWrite = () =>
        {
            if (lost++ == 0)
            {
                throw new NpgsqlException("connection cut during COMMIT");
            }
        };
        _bench.Read(partition, 5);

        await _bench.WriteAllAsync();

        Assert.Equal(Offsets(0, 5), _bench.Store.Stored[0]);
        Assert.Equal(5, partition.StoredPosition);
        Assert.Equal(2, _bench.Store.Writes);
    }

    [Fact]
    public async Task A_database_that_is_away_is_waited_for()
    {
        var partition = await _bench.OwnAsync(0);
        var failures = 3;
        _bench.Store.BeforeWrite = _ =>
        {
            if (failures-- > 0)
            {
                throw new NpgsqlException("refused");
            }
        };
        _bench.Read(partition, 5);

        await _bench.WriteAllAsync();

        Assert.Equal(Offsets(0, 5), _bench.Store.Stored[0]);
        Assert.Empty(_bench.Letters.Sent);
    }

    [Fact]
    public async Task Events_with_the_id_of_another_one_are_set_aside_and_the_rest_is_stored()
    {
        var (a, b) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        _bench.Store.Conflicts = batches =>
            [.. from batch in batches from record in batch.Records where record.Offset is 1 or 3 && batch.Partition == 0 select new IdConflict(0, record.Offset, $"detail {record.Offset}")];
        _bench.Read(a, 6);
        _bench.Read(b, 6);

        await _bench.WriteAllAsync();

        Assert.Equal([0, 2, 4, 5], _bench.Store.Stored[0]);
        Assert.Equal(Offsets(0, 6), _bench.Store.Stored[1]);
        Assert.Equal([1L, 3L], _bench.Letters.Sent.Select(letter => letter.Offset));
        Assert.All(_bench.Letters.Sent, letter => Assert.Equal((DeadLetterReason.IdConflict, $"detail {letter.Offset}"), (letter.Reason, letter.Detail)));
        Assert.Equal(6, a.StoredPosition);
    }

    [Fact]
    public async Task However_many_ids_a_client_takes_from_others_no_partition_is_halted()
    {
        using var bench = new Bench(new() { BatchSize = 10, BufferRecords = 100, BatchDelay = TimeSpan.FromMilliseconds(1), RefusalWindow = 20, RefusalShare = 0.01 });
        var partition = await bench.OwnAsync(0);
        bench.Store.Conflicts = batches => [.. batches.SelectMany(batch => batch.Records.Select(record => new IdConflict(batch.Partition, record.Offset, "detail")))];
        bench.Read(partition, 100);

        await bench.WriteAllAsync();

        Assert.Equal((PartitionState.Running, 100, 100L), (partition.State, bench.Letters.Sent.Count, partition.StoredPosition));
    }

    [Fact]
    public async Task A_record_that_the_database_refuses_is_found_and_set_aside_alone()
    {
        var (a, b) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        _bench.Store.BeforeWrite = batches =>
        {
            if (batches.Any(x => x.Partition == 0 && x.Records.Any(r => r.Offset is 3)))
            {
                throw new PostgresException("refused", "ERROR", "ERROR", "22021");
            }
        };
        _bench.Read(a, 7);
        _bench.Read(b, 2);

        await _bench.WriteAllAsync();

        var letter = Assert.Single(_bench.Letters.Sent);
        Assert.Equal((Bench.Topic, 0, 3L, DeadLetterReason.RefusedByStore), (letter.Topic, letter.Partition, letter.Offset, letter.Reason));
        Assert.Equal(100, letter.Value!.Length);
        Assert.Equal([0, 1, 2, 4, 5, 6], _bench.Store.Stored[0]);
        Assert.Equal(Offsets(0, 2), _bench.Store.Stored[1]);
        Assert.Equal(7, _bench.Store.PositionOf(0));
    }

    [Fact]
    public async Task The_position_does_not_pass_a_dead_letter_that_is_not_acknowledged()
    {
        var partition = await _bench.OwnAsync(0);
        var open = new TaskCompletionSource();
        _bench.Letters.Open = open.Task;
        _bench.ReadLetter(partition);
        _bench.Read(partition, 2);
        var writing = _bench.WriteAllAsync();
        await Bench.UntilAsync("the dead letter is on its way", () => _bench.Letters.Attempts == 1);
        Assert.Equal((0, 0), (_bench.Store.Writes, _bench.Store.PositionOf(0)));

        open.SetResult();
        await writing;

        Assert.Single(_bench.Letters.Sent);
        Assert.Equal([1, 2], _bench.Store.Stored[0]);
        Assert.Equal(3, _bench.Store.PositionOf(0));
    }

    [Fact]
    public async Task What_was_read_before_a_fence_is_not_written_under_the_claim_after_it()
    {
        // The batch is halved; between the halves the partition is fenced and claimed anew.
        var partition = await _bench.OwnAsync(0);
        var refusals = 0;
        _bench.Store.BeforeWrite = _ =>
        {
            if (refusals++ == 0)
            {
                throw new PostgresException("refused", "ERROR", "ERROR", "22021");
            }
        };
        _bench.Store.AfterWrite = () =>
        {
            partition.Fence(new(0, "else", 9, 0));
            Assert.True(partition.ClaimAgain());
            Assert.True(partition.Grant(new(0, 2, 2, null)));
            Assert.True(partition.StartReading());
        };
        _bench.Read(partition, 4);

        await _bench.WriteAllAsync();

        Assert.Equal([0, 1], _bench.Store.Stored[0]);
        Assert.Equal(2, _bench.Store.PositionOf(0));
    }

    [Theory]
    [InlineData(PartitionState.Lost)]
    [InlineData(PartitionState.Released)]
    public async Task What_is_no_longer_owned_is_not_written(object end)
    {
        var partition = await _bench.OwnAsync(0);
        _bench.Read(partition, 4);
        partition.Drain();
        Assert.True(end is PartitionState.Lost ? partition.Lose() : partition.Release());

        await _bench.WriteAllAsync();

        Assert.Equal((0, 0), (_bench.Store.Writes, _bench.Buffer.Count));
    }

    private static IEnumerable<long> Offsets(long from, int count) => Enumerable.Range(0, count).Select(i => from + i);
}
