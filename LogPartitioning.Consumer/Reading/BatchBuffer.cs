using LogPartitioning.Consumer.Assignment;

namespace LogPartitioning.Consumer.Reading;

/// <summary>
/// The bounded space between the poll loop, which adds, and the writer, which takes. It counts what waits and what is
/// being written, in records and in bytes, so that the memory of a worker has a limit whatever the backlog.
/// </summary>
internal sealed class BatchBuffer(ConsumerOptions options, TimeProvider time)
{
    /// <summary>Below this part of its limits a full buffer counts as having room again: partitions are not paused and resumed for every batch.</summary>
    private const double ResumeAt = 0.5;

    private readonly object _gate = new();
    private readonly Dictionary<OwnedPartition, PartitionQueue> _queues = [];
    private TaskCompletionSource _changed = NewSignal();
    private int _records;
    private long _bytes;
    private int _waiting;
    private long _waitingBytes;
    private int _turn;
    private bool _completed;
    private long _formed;
    private TimeSpan _lastWrite = TimeSpan.MaxValue;

    /// <summary>Records in the buffer, those being written included.</summary>
    public int Count => Volatile.Read(ref _records);

    /// <summary>Whether the next record may be added. Only the poll loop adds, so that what it sees can only get better.</summary>
    public bool HasRoom => Count < options.BufferRecords && Volatile.Read(ref _bytes) < options.BufferBytes;

    /// <summary>Whether so much has been written that reading is worth taking up again.</summary>
    public bool HasRoomToResume => Count <= options.BufferRecords * ResumeAt && Volatile.Read(ref _bytes) <= options.BufferBytes * ResumeAt;

    /// <summary>Adds a record. The caller has seen <see cref="HasRoom"/>: a record that was polled cannot be given back.</summary>
    /// <returns>False when the partition's records are no longer wanted.</returns>
    public bool TryAdd(OwnedPartition partition, BufferedRecord record)
    {
        lock (_gate)
        {
            if (!partition.State.IsReading())
            {
                return false;
            }
            if (!_queues.TryGetValue(partition, out var queue))
            {
                _queues.Add(partition, queue = new());
            }
            queue.Waiting.Enqueue(record);
            queue.EmptySince = null;
            _records++;
            _waiting++;
            _bytes += record.Bytes;
            _waitingBytes += record.Bytes;
            // The writer need only hear of the first record, which starts the delay, and of a full batch.
            if (_waiting == 1 || _waiting == options.BatchSize || _waitingBytes >= options.BatchBytes)
            {
                Signal();
            }
            return true;
        }
    }

    /// <summary>Waits until there is room.</summary>
    /// <returns>Whether there is.</returns>
    public bool WaitForRoom(TimeSpan timeout)
    {
        lock (_gate)
        {
            return HasRoom || (Monitor.Wait(_gate, timeout) && HasRoom);
        }
    }

    /// <summary>
    /// Takes the next batch: when it is full, when its oldest record has waited as long as the batch before took (but no longer than is set), or at
    /// once while a partition drains. So an event that comes alone is written at once, and where many come the writer is busy half of its time at
    /// most before batches grow.
    /// </summary>
    /// <returns>Null when the buffer is completed and empty.</returns>
    public async Task<Batch?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan delay;
            lock (_gate)
            {
                if (_waiting == 0 && _completed)
                {
                    return null;
                }
                delay = TimeUntilDue();
                if (delay <= TimeSpan.Zero)
                {
                    return Form();
                }
                changed = _changed.Task;
            }
            await WaitAsync(changed, delay, cancellationToken);
        }
    }

    /// <summary>A batch is done, stored or dropped: its room is free.</summary>
    public void Complete(Batch batch)
    {
        lock (_gate)
        {
            _lastWrite = time.GetElapsedTime(_formed);
            foreach (var slice in batch.Slices)
            {
                _queues[slice.Partition].InFlight -= slice.Records.Count;
                _records -= slice.Records.Count;
                foreach (var record in slice.Records)
                {
                    _bytes -= record.Bytes;
                }
                NoteIfEmpty(slice.Partition);
            }
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Drops what waits of a partition that is no longer ours.</summary>
    /// <returns>How many records.</returns>
    public int Discard(OwnedPartition partition)
    {
        lock (_gate)
        {
            if (!_queues.TryGetValue(partition, out var queue))
            {
                return 0;
            }
            var dropped = queue.Waiting.Count;
            foreach (var record in queue.Waiting)
            {
                _bytes -= record.Bytes;
                _waitingBytes -= record.Bytes;
            }
            queue.Waiting.Clear();
            _records -= dropped;
            _waiting -= dropped;
            NoteIfEmpty(partition);
            Monitor.PulseAll(_gate);
            return dropped;
        }
    }

    /// <summary>Wakes the writer: a partition drains, or the end has come.</summary>
    public void WakeWriter()
    {
        lock (_gate)
        {
            Signal();
        }
    }

    /// <summary>Nothing will be added any more: what waits is handed out at once.</summary>
    public void CompleteAdding()
    {
        lock (_gate)
        {
            _completed = true;
            Signal();
        }
    }

    /// <summary>Waits until nothing of these partitions is left here.</summary>
    /// <returns>Whether that was so within the time.</returns>
    public bool WaitUntilEmpty(IReadOnlyCollection<OwnedPartition> partitions, TimeSpan timeout)
    {
        var started = time.GetTimestamp();
        lock (_gate)
        {
            while (partitions.Any(p => CountNow(p) > 0))
            {
                var left = timeout - time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }
                Monitor.Wait(_gate, left);
            }
            return true;
        }
    }

    /// <summary>Records of a partition that are here: waiting, or being written.</summary>
    public int CountOf(OwnedPartition partition)
    {
        lock (_gate)
        {
            return CountNow(partition);
        }
    }

    /// <summary>For how long, since <paramref name="since"/>, nothing of a partition has been here.</summary>
    public TimeSpan EmptyFor(OwnedPartition partition, long since)
    {
        lock (_gate)
        {
            return _queues.GetValueOrDefault(partition)?.EmptySince is { } empty ? time.GetElapsedTime(Math.Max(empty, since)) : TimeSpan.Zero;
        }
    }

    private TimeSpan TimeUntilDue()
    {
        if (_waiting == 0)
        {
            return TimeSpan.MaxValue;
        }
        if (_completed || _waiting >= options.BatchSize || _waitingBytes >= options.BatchBytes
            || _queues.Any(q => q.Value.Waiting.Count > 0 && q.Key.State == PartitionState.Draining))
        {
            return TimeSpan.Zero;
        }
        var oldest = _queues.Values.Where(q => q.Waiting.Count > 0).Min(q => q.Waiting.Peek().ReceivedAt);
        return (_lastWrite < options.BatchDelay ? _lastWrite : options.BatchDelay) - time.GetElapsedTime(oldest);
    }

    /// <summary>Draining partitions first, since a whole group may be waiting for them; the others in turn, each its fair share.</summary>
    private Batch Form()
    {
        var taken = new Dictionary<OwnedPartition, List<BufferedRecord>>();
        var records = 0;
        var bytes = 0L;
        var ready = _queues.Where(q => q.Value.Waiting.Count > 0).Select(q => q.Key).ToList();
        var draining = ready.Where(p => p.State == PartitionState.Draining).ToList();
        TakeFrom(draining, options.BatchSize);

        var others = ready.Except(draining).ToList();
        if (others.Count > 0)
        {
            _turn = (_turn + 1) % others.Count;
            List<OwnedPartition> inTurn = [.. others[_turn..], .. others[.._turn]];
            TakeFrom(inTurn, Math.Max(1, options.BatchSize / others.Count));
            TakeFrom(inTurn, options.BatchSize);
        }
        _waiting -= records;
        _waitingBytes -= bytes;
        _formed = time.GetTimestamp();
        // By number, so that two writers lock the rows of the same partitions in the same order.
        return new([.. taken.OrderBy(t => t.Key.Partition).Select(t => new BatchSlice(t.Key, t.Key.Epoch, t.Value))]);

        void TakeFrom(List<OwnedPartition> partitions, int share)
        {
            foreach (var partition in partitions)
            {
                var queue = _queues[partition];
                for (var n = 0; n < share && records < options.BatchSize && bytes < options.BatchBytes && queue.Waiting.TryDequeue(out var record); n++)
                {
                    if (!taken.TryGetValue(partition, out var list))
                    {
                        taken.Add(partition, list = []);
                    }
                    list.Add(record);
                    queue.InFlight++;
                    records++;
                    bytes += record.Bytes;
                }
            }
        }
    }

    private void NoteIfEmpty(OwnedPartition partition)
    {
        var queue = _queues[partition];
        if (queue.Count > 0)
        {
            return;
        }
        queue.EmptySince ??= time.GetTimestamp();
        if (partition.State.IsOver())
        {
            _queues.Remove(partition);
        }
    }

    private int CountNow(OwnedPartition partition) => _queues.GetValueOrDefault(partition)?.Count ?? 0;

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private async Task WaitAsync(Task changed, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (delay == TimeSpan.MaxValue)
        {
            await changed.WaitAsync(cancellationToken);
            return;
        }
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(delay, time, over.Token));
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    // Continuations elsewhere: the signal is given under the lock.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is here of one partition.</summary>
    private sealed class PartitionQueue
    {
        /// <summary>Read and not yet taken by the writer.</summary>
        public Queue<BufferedRecord> Waiting { get; } = new();

        /// <summary>Taken by the writer and not yet done.</summary>
        public int InFlight { get; set; }

        /// <summary>Since when it is empty; null while it is not.</summary>
        public long? EmptySince { get; set; }

        public int Count => Waiting.Count + InFlight;
    }
}
