using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Tests.Consumer;

/// <summary>A dead letter topic.</summary>
internal sealed class MemoryLetters : IDeadLetterSink
{
    // Workers of one group share a topic.
    private readonly Lock _lock = new();
    private readonly List<DeadLetter> _sent = [];
    private int _attempts;

    /// <summary>What it holds by now.</summary>
    public IReadOnlyList<DeadLetter> Sent
    {
        get
        {
            lock (_lock)
            {
                return [.. _sent];
            }
        }
    }

    /// <summary>Dead letters that were sent, acknowledged or not.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    /// <summary>Completed when the brokers take dead letters.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public async Task SendAsync(IReadOnlyList<BatchSlice> slices, CancellationToken cancellationToken)
    {
        foreach (var record in slices.Where(s => s.IsWritable).SelectMany(s => s.Records).Where(r => r is { Letter: not null, LetterAcknowledged: false }))
        {
            Interlocked.Increment(ref _attempts);
            await Open.WaitAsync(cancellationToken);
            lock (_lock)
            {
                _sent.Add(record.Letter!);
            }
            record.LetterAcknowledged = true;
        }
    }
}
