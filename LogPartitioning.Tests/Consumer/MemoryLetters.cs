using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Tests.Consumer;

/// <summary>A dead letter topic.</summary>
internal sealed class MemoryLetters : IDeadLetterSink
{
    public List<DeadLetter> Sent { get; } = [];

    /// <summary>Dead letters that were sent, acknowledged or not.</summary>
    public int Attempts { get; private set; }

    /// <summary>Completed when the brokers take dead letters.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public async Task SendAsync(IReadOnlyList<BatchSlice> slices, CancellationToken cancellationToken)
    {
        foreach (var record in slices.Where(s => s.IsWritable).SelectMany(s => s.Records).Where(r => r is { Letter: not null, LetterAcknowledged: false }))
        {
            Attempts++;
            await Open.WaitAsync(cancellationToken);
            Sent.Add(record.Letter!);
            record.LetterAcknowledged = true;
        }
    }
}
