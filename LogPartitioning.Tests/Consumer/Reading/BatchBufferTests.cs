using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reading;

namespace LogPartitioning.Tests.Consumer.Reading;

public sealed class BatchBufferTests : IDisposable
{
    private readonly Bench _bench = new(new ConsumerOptions
    {
        BatchSize = 10,
        BufferRecords = 20,
        BatchDelay = TimeSpan.FromSeconds(50),
        BufferBytes = 1_000_000,
    });

    private BatchBuffer Buffer => _bench.Buffer;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_batch_ends_at_its_size()
    {
        var partition = await _bench.OwnAsync(0);
        _bench.Read(partition, 9);
        var taking = Buffer.TakeAsync(CancellationToken.None);
        Assert.False(taking.IsCompleted);

        _bench.Read(partition, 3);

        var batch = await taking.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((10, 10L), (batch!.Records, batch.Slices[0].End));
    }

    [Fact]
    public async Task A_batch_ends_when_its_first_record_has_waited_long_enough()
    {
        using var bench = new Bench(new() { BatchDelay = TimeSpan.FromMilliseconds(20) });
        var partition = await bench.OwnAsync(0);
        var taking = bench.Buffer.TakeAsync(CancellationToken.None);

        bench.Read(partition, 1);

        Assert.Equal(1, (await taking.WaitAsync(TimeSpan.FromSeconds(10)))!.Records);
    }

    [Fact]
    public async Task An_event_that_comes_alone_waits_no_longer_than_the_batch_before_took()
    {
        var partition = await _bench.OwnAsync(0);
        _bench.Read(partition, 10);
        Buffer.Complete((await Buffer.TakeAsync(CancellationToken.None))!);

        _bench.Read(partition, 1);

        // The delay is 50 s.
        Assert.Equal(1, (await Buffer.TakeAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10)))!.Records);
    }

    [Fact]
    public async Task Room_is_taken_until_a_batch_is_done_not_until_it_is_taken()
    {
        var partition = await _bench.OwnAsync(0);
        _bench.Read(partition, 20);
        Assert.False(Buffer.HasRoom);

        var batch = await Buffer.TakeAsync(CancellationToken.None);
        Assert.False(Buffer.HasRoom);
        Assert.False(Buffer.WaitForRoom(TimeSpan.FromMilliseconds(1)));

        Buffer.Complete(batch!);
        Assert.True(Buffer.HasRoom);
        Assert.True(Buffer.HasRoomToResume);
    }

    [Fact]
    public async Task Bytes_bound_the_buffer_as_well()
    {
        using var bench = new Bench(new() { BufferBytes = 1500, BatchBytes = 1200, BatchDelay = TimeSpan.FromSeconds(50) });
        var partition = await bench.OwnAsync(0);
        bench.Read(partition, 2);
        Assert.True(bench.Buffer.HasRoom);

        bench.Read(partition, 1);

        Assert.False(bench.Buffer.HasRoom);
        Assert.Equal(3, (await bench.Buffer.TakeAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10)))!.Records);
    }

    [Fact]
    public async Task A_busy_partition_does_not_keep_the_others_out_of_a_batch()
    {
        var (busy, quiet) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        _bench.Read(busy, 15);
        _bench.Read(quiet, 3);

        var batch = await Buffer.TakeAsync(CancellationToken.None);

        Assert.Equal(10, batch!.Records);
        Assert.Equal(3, batch.Slices.Single(s => s.Partition == quiet).Records.Count);
    }

    [Fact]
    public async Task A_draining_partition_goes_first_and_at_once()
    {
        var (other, leaving) = (await _bench.OwnAsync(0), await _bench.OwnAsync(1));
        _bench.Read(other, 4);
        _bench.Read(leaving, 2);
        var taking = Buffer.TakeAsync(CancellationToken.None);
        Assert.False(taking.IsCompleted);

        Assert.True(leaving.Drain());
        Buffer.WakeWriter();

        var batch = await taking.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, batch!.Slices.Single(s => s.Partition == leaving).Records.Count);
        Assert.False(Buffer.WaitUntilEmpty([leaving], TimeSpan.Zero));
        Buffer.Complete(batch);
        Assert.True(Buffer.WaitUntilEmpty([leaving], TimeSpan.Zero));
    }

    [Fact]
    public async Task What_is_discarded_frees_its_room_and_nothing_is_added_any_more()
    {
        var partition = await _bench.OwnAsync(0);
        _bench.Read(partition, 20);
        Assert.True(partition.Lose());

        Assert.Equal(20, Buffer.Discard(partition));

        Assert.True(Buffer.HasRoom);
        Assert.False(Buffer.TryAdd(partition, Bench.Record(20)));
        Assert.Equal(0, Buffer.CountOf(partition));
    }

    [Fact]
    public async Task A_completed_buffer_hands_out_the_rest_and_ends()
    {
        var partition = await _bench.OwnAsync(0);
        _bench.Read(partition, 3);
        Buffer.CompleteAdding();

        Assert.Equal(3, (await Buffer.TakeAsync(CancellationToken.None))!.Records);
        Assert.Null(await Buffer.TakeAsync(CancellationToken.None));
    }
}
