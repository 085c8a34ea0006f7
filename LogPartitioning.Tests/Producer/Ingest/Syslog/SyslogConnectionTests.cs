using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Syslog;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogConnectionTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // It takes a mebibyte and then makes its writer wait, as a socket does.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1024 * 1024, resumeWriterThreshold: 512 * 1024));
    private readonly SyslogEvents _events = new(Options.Create(new SyslogOptions()), new StoreOptions(), TimeProvider.System);
    private readonly List<EventBatch> _batches = [];

    public void Dispose() => _events.Dispose();

    [Fact]
    public async Task What_has_come_goes_in_batches_of_a_thousand_in_its_order()
    {
        await _pipe.Writer.WriteAsync(Lines(0, 2_500));
        await _pipe.Writer.CompleteAsync();
        await RunAsync(Keep);
        Assert.Equal([1_000, 1_000, 500], _batches.Select(batch => batch.Entries.Count));
        Assert.Equal(Enumerable.Range(0, 2_500), Numbers());
    }

    [Fact]
    public async Task A_message_that_comes_in_two_pieces_is_one()
    {
        var running = RunAsync(Keep);
        await _pipe.Writer.WriteAsync("<13>1 - - app - - - "u8.ToArray());
        await _pipe.Writer.WriteAsync("7\n<13>1 - - app - - - 8"u8.ToArray());
        await Eventually.TrueAsync("the first one", () => Count() == 1, s_patience);
        await _pipe.Writer.CompleteAsync();
        await running;
        Assert.Equal([7, 8], Numbers());
    }

    [Fact]
    public async Task Without_acknowledgement_reading_stops_and_the_sender_waits()
    {
        var acknowledged = new TaskCompletionSource();
        var running = RunAsync((batch, token) =>
        {
            lock (_batches)
            {
                _batches.Add(batch);
            }

            return acknowledged.Task.WaitAsync(token);
        });
        var waiting = new TaskCompletionSource<int>();
        var sending = SendAsync();
        // So much fits into the pipe and the connection: the rest is with the sender, however long that lasts.
        Assert.InRange(await waiting.Task.WaitAsync(s_patience), 1, 60_000);
        await Eventually.TrueAsync("a batch under way", () => Count() == 1, s_patience);
        Assert.False(sending.IsCompleted);

        acknowledged.SetResult();
        await sending;
        await running;
        Assert.Equal(Enumerable.Range(0, 100_000), Numbers());

        async Task SendAsync()
        {
            for (var i = 0; i < 100_000; i += 100)
            {
                var writing = _pipe.Writer.WriteAsync(Lines(i, 100));
                if (!writing.IsCompleted)
                {
                    waiting.TrySetResult(i);
                }

                await writing;
            }

            await _pipe.Writer.CompleteAsync();
        }
    }

    [Fact]
    public async Task Where_no_memory_is_left_it_waits_until_there_is_some()
    {
        var budget = NewBudget();
        var others = budget.Open();
        others.Hold(new ProducerOptions().MaxBufferedBytes, whole: true);
        await _pipe.Writer.WriteAsync(Lines(0, 10));
        await _pipe.Writer.CompleteAsync();
        // All that it needs is here, but for the memory: it would be at its end at once.
        var running = RunAsync(Keep, budget);
        Assert.False(running.IsCompleted);
        Assert.Equal(0, Count());

        others.Dispose();
        await running.WaitAsync(s_patience);
        Assert.Equal(Enumerable.Range(0, 10), Numbers());
        budget.Open().Hold(new ProducerOptions().MaxBufferedBytes, whole: true); // All is given back.
    }

    [Fact]
    public async Task A_read_that_is_called_off_ends_it_after_what_has_come()
    {
        var running = RunAsync(Keep);
        await _pipe.Writer.WriteAsync(Lines(0, 3));
        await Eventually.TrueAsync("all three", () => Count() == 1, s_patience);
        _pipe.Reader.CancelPendingRead();
        await running.WaitAsync(s_patience);
        Assert.Equal([0, 1, 2], Numbers());
    }

    private async Task RunAsync(Func<EventBatch, CancellationToken, Task> send, BufferBudget? budget = null)
    {
        using var memory = new HeldMemory(budget ?? NewBudget(), TimeProvider.System);
        await new SyslogConnection(_pipe.Reader, "127.0.0.1", _events, memory, send).RunAsync(CancellationToken.None);
    }

    private Task Keep(EventBatch batch, CancellationToken cancellationToken)
    {
        lock (_batches)
        {
            _batches.Add(batch);
        }

        return Task.CompletedTask;
    }

    private int Count()
    {
        lock (_batches)
        {
            return _batches.Count;
        }
    }

    private IEnumerable<int> Numbers() => _batches.SelectMany(batch => batch.Entries).Select(entry =>
        LogEventJson.TryParseRecord(entry.Value, out var read, out _) ? int.Parse(read.Message, CultureInfo.InvariantCulture) : -1);

    private static byte[] Lines(int first, int count) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"<13>1 - - app - - - {number}\n"))));

    private static BufferBudget NewBudget() => new(Options.Create(new ProducerOptions()), new ArrivingBodies(Options.Create(new BodyLimits())));
}
