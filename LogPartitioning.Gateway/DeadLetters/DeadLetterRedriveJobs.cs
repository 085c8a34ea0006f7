using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Requests;
using Npgsql;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>
/// Sends many dead letters through again, one job at a time, in the background. A job is known to this gateway alone; what became of
/// each letter is in the ledger, so that no letter goes twice whatever gateway sends it.
/// </summary>
/// <param name="reader">Reads the dead letter topic.</param>
/// <param name="ledger">What was sent before.</param>
/// <param name="redriver">Sends each letter at most once.</param>
/// <param name="topicId">Asks for the id of the topic of the events.</param>
/// <param name="topic">The topic of the events.</param>
/// <param name="time">The clock of the rate.</param>
/// <param name="logger">Says what began and how it ended.</param>
internal sealed partial class DeadLetterRedriveJobs(
    DeadLetterReader reader,
    DeadLetterRedriveLedger ledger,
    DeadLetterRedriver redriver,
    Func<CancellationToken, Task<string?>> topicId,
    string topic,
    TimeProvider time,
    ILogger<DeadLetterRedriveJobs> logger) : IHostedService, IDisposable
{
    /// <summary>How many jobs are remembered.</summary>
    public const int MaxJobs = 20;

    /// <summary>The most letters that are sent in a second.</summary>
    public const int MaxRate = 1000;

    private const int LettersAtOnce = 100;
    private const int BytesAtOnce = 4 * 1024 * 1024;
    private const int LookedAtOnce = 20_000;
    // Of a sending that the brokers did not answer, nobody knows whether it arrived, and it is not sent again: not many of these.
    private const int UnknownInTurn = 3;
    private const int FailedInTurn = 20;
    private const int BusyInTurn = 10;

    // A timer's tick is no shorter; until then some are sent together.
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan s_whenBusy = TimeSpan.FromSeconds(1);

    private readonly DeadLetterReader _reader = reader;
    private readonly DeadLetterRedriveLedger _ledger = ledger;
    private readonly DeadLetterRedriver _redriver = redriver;
    private readonly Func<CancellationToken, Task<string?>> _topicId = topicId;
    private readonly string _topic = topic;
    private readonly TimeProvider _time = time;
    private readonly Lock _lock = new();
    // Newest first.
    private readonly LinkedList<DeadLetterRedriveJob> _jobs = new();
    private CancellationTokenSource? _running;
    private Task _run = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Starts a job; or gives the one that runs already, with false.</summary>
    /// <exception cref="BusyException">The gateway is stopping.</exception>
    public (DeadLetterRedriveJob Job, bool Started) Start(DeadLetterRedriveOrder order)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                throw new BusyException("This gateway is stopping and starts no redrive. Try again soon.");
            }
            if (_running is not null)
            {
                return (_jobs.First!.Value, false);
            }
            var now = _time.GetUtcNow();
            var job = new DeadLetterRedriveJob(
                Guid.CreateVersion7(now), DeadLetterRedriveState.Running, order.DryRun, order.Reason, order.RatePerSecond, null, null, 0, 0, 0, 0, 0, now, null, order.StartedBy, null);
            _jobs.AddFirst(job);
            while (_jobs.Count > MaxJobs)
            {
                _jobs.RemoveLast();
            }
            var cancelling = _running = new CancellationTokenSource();
            _run = Task.Run(() => RunAsync(order, cancelling), CancellationToken.None);
            return (job, true);
        }
    }

    /// <summary>The last jobs, newest first.</summary>
    public IReadOnlyList<DeadLetterRedriveJob> List()
    {
        lock (_lock)
        {
            return [.. _jobs];
        }
    }

    /// <summary>A job; null where this gateway knows none of this id.</summary>
    public DeadLetterRedriveJob? Find(Guid id) => List().FirstOrDefault(job => job.Id == id);

    /// <summary>Has a job end after the letter that it sends just now. One that has ended stays as it is.</summary>
    public DeadLetterRedriveJob? Cancel(Guid id)
    {
        lock (_lock)
        {
            if (_running is not null && _jobs.First!.Value.Id == id)
            {
                // What has to be told of it is told elsewhere: that may take a connection's time, and others wait for the lock.
                _ = _running.CancelAsync();
            }
        }
        return Find(id);
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task run;
        lock (_lock)
        {
            _stopped = true;
            _ = _running?.CancelAsync();
            run = _run;
        }
        await run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public void Dispose() => _running?.Dispose();

    private async Task RunAsync(DeadLetterRedriveOrder order, CancellationTokenSource cancelling)
    {
        var (state, error) = (DeadLetterRedriveState.Succeeded, (string?)null);
        try
        {
            await new Run(this, order, cancelling.Token).RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancelling.IsCancellationRequested)
        {
            state = DeadLetterRedriveState.Cancelled;
        }
        catch (StoppedException stopped)
        {
            (state, error) = (DeadLetterRedriveState.Failed, stopped.Message);
        }
#pragma warning disable CA1031 // Whatever it is, the job has ended and must say so: nobody waits for it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            (state, error) = (DeadLetterRedriveState.Failed, failure switch
            {
                KafkaException kafka => BrokerFailure.InWords(kafka.Error),
                TimeoutException => "the brokers do not answer in time",
                BusyException => "others read the dead letters",
                NpgsqlException => LogStoreFailure.InWords(failure),
                _ => "an error of the gateway; its log says more",
            });
            LogFailed(failure);
        }
        DeadLetterRedriveJob ended;
        lock (_lock)
        {
            ended = Update(job => job with { State = state, Error = error, EndedAt = _time.GetUtcNow() });
            _running = null;
            cancelling.Dispose();
        }
        LogEnded(ended.Id, ended.State, ended.DryRun, ended.Replayed, ended.AlreadyReplayed, ended.Unknown, ended.Failed);
    }

    private DeadLetterRedriveJob Update(Func<DeadLetterRedriveJob, DeadLetterRedriveJob> change)
    {
        lock (_lock)
        {
            return _jobs.First!.Value = change(_jobs.First.Value);
        }
    }

    [LoggerMessage(4110, LogLevel.Information,
        "Redrive {Id} (dry run: {DryRun}) is {State}: {Replayed} sent, {Already} sent before, {Unknown} unknown, {Failed} failed.")]
    private partial void LogEnded(Guid id, DeadLetterRedriveState state, bool dryRun, int replayed, int already, int unknown, int failed);

    [LoggerMessage(4111, LogLevel.Warning, "A redrive of dead letters ended before its end. What was sent stays sent, and the next does the rest.")]
    private partial void LogFailed(Exception error);

    private sealed class StoppedException(string message) : Exception(message);

    private sealed class Run(DeadLetterRedriveJobs jobs, DeadLetterRedriveOrder order, CancellationToken cancellationToken)
    {
        private string? _topicId;
        private DateTimeOffset _next = DateTimeOffset.MinValue;
        private long? _firstSentAt;
        private int _unknownInTurn;
        private int _failedInTurn;

        public async Task RunAsync()
        {
            _topicId = await jobs._topicId(cancellationToken).ConfigureAwait(false);
            if (order.Items is { } items)
            {
                await SendNamedAsync([.. items.Select(WithTopicId).Distinct()]).ConfigureAwait(false);
                return;
            }
            // Letters that come while it runs are not its own: one that fails again would go in a circle.
            var held = await jobs._reader.BoundsAsync(cancellationToken).ConfigureAwait(false);
            var ranges = held.OrderBy(b => b.Key).Select(b => new OffsetRange(b.Key, b.Value.Low, b.Value.High)).ToList();
            if (!order.DryRun)
            {
                var total = 0;
                foreach (var range in ranges)
                {
                    await EachAsync(range, some => { total += some.Count; return Task.CompletedTask; }, keep: false).ConfigureAwait(false);
                }
                jobs.Update(job => job with { Total = total });
            }
            foreach (var range in ranges)
            {
                await EachAsync(range, SendAsync, keep: true).ConfigureAwait(false);
            }
            jobs.Update(job => job with { Total = job.Done });
        }

        private async Task SendNamedAsync(IReadOnlyList<DeadLetterOrigin> origins)
        {
            jobs.Update(job => job with { Total = origins.Count });
            var found = await PatientlyAsync(() => jobs._reader.FindAsync([.. origins.Where(o => o.Topic == jobs._topic)], since: null, cancellationToken)).ConfigureAwait(false);
            var onRecord = await jobs._ledger.ReadAsync(origins, cancellationToken).ConfigureAwait(false);
            foreach (var origin in origins)
            {
                // One that was found and is not here was more than a job of named letters holds.
                var letter = found.GetValueOrDefault(origin);
                await OneAsync(origin, letter, onRecord.GetValueOrDefault(origin)).ConfigureAwait(false);
            }
        }

        /// <summary>Goes through a partition by the letters that are held at once.</summary>
        private async Task EachAsync(OffsetRange range, Func<IReadOnlyList<DeadLetterRecord>, Task> take, bool keep)
        {
            while (range.Length > 0)
            {
                var some = new List<DeadLetterRecord>();
                var (looked, bytes) = (0, 0L);
                var from = range;
                var next = await PatientlyAsync(() => jobs._reader.ScanAsync(
                    from,
                    record =>
                    {
                        looked++;
                        if (order.Reason is null || record.Reason == order.Reason)
                        {
                            bytes += keep ? record.Bytes : 0;
                            some.Add(keep ? record : new DeadLetterRecord(record.Partition, record.Offset, null, null));
                        }
                        return looked < LookedAtOnce && bytes < BytesAtOnce && (!keep || some.Count < LettersAtOnce);
                    },
                    cancellationToken)).ConfigureAwait(false);
                await take(some).ConfigureAwait(false);
                range = range with { From = next };
                if (range.Length > 0)
                {
                    // Retention may have come in between.
                    var low = (await jobs._reader.BoundsAsync(cancellationToken).ConfigureAwait(false)).GetValueOrDefault(range.Partition).Low;
                    range = range with { From = Math.Max(range.From, low) };
                }
            }
        }

        private async Task SendAsync(IReadOnlyList<DeadLetterRecord> records)
        {
            var origins = records.Where(r => r.Letter is not null).ToDictionary(r => r, r => WithTopicId(DeadLetterOrigin.Of(r.Letter!)));
            var onRecord = await jobs._ledger.ReadAsync(origins.Values.ToHashSet(), cancellationToken).ConfigureAwait(false);
            foreach (var record in records)
            {
                if (origins.TryGetValue(record, out var origin))
                {
                    await OneAsync(origin, record.Letter, onRecord.GetValueOrDefault(origin)).ConfigureAwait(false);
                }
                else
                {
                    // It is no dead letter: there is nothing to send.
                    jobs.Update(job => job.With(DeadLetterRedriveStatus.Failed));
                }
            }
        }

        private async Task OneAsync(DeadLetterOrigin origin, DeadLetter? letter, DeadLetterRedriveEntry? onRecord)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (onRecord is not null || order.DryRun)
            {
                var known = onRecord is null ? await WouldBeAsync(origin, letter).ConfigureAwait(false)
                    : onRecord.Sent ? DeadLetterRedriveStatus.AlreadyReplayed : DeadLetterRedriveStatus.Unknown;
                jobs.Update(job => job.With(known));
                return;
            }
            var now = jobs._time.GetUtcNow();
            if (_next - now > s_shortestWait)
            {
                await Task.Delay(_next - now, jobs._time, cancellationToken).ConfigureAwait(false);
            }
            // What took longer than its share is not caught up on: the rate is a bound.
            _next = (_next < now ? now : _next) + (TimeSpan.FromSeconds(1) / order.RatePerSecond);
            var outcome = await jobs._redriver.SendAsync(origin, letter, onRecord, _topicId, cancellationToken).ConfigureAwait(false);
            jobs.Update(job => Measured(job.With(outcome.Status), outcome.Status));
            _unknownInTurn = outcome.Status == DeadLetterRedriveStatus.Unknown ? _unknownInTurn + 1 : 0;
            _failedInTurn = outcome.Status == DeadLetterRedriveStatus.Failed && letter?.Value is not null ? _failedInTurn + 1 : 0;
            if (_unknownInTurn == UnknownInTurn || _failedInTurn == FailedInTurn)
            {
                throw new StoppedException($"{Math.Max(_unknownInTurn, _failedInTurn)} letters in turn could not be sent; the last: {outcome.Reason}");
            }
        }

        private DeadLetterRedriveJob Measured(DeadLetterRedriveJob job, DeadLetterRedriveStatus status)
        {
            if (status != DeadLetterRedriveStatus.Replayed)
            {
                return job;
            }
            if (_firstSentAt is not { } first)
            {
                _firstSentAt = jobs._time.GetTimestamp();
                return job;
            }
            return job with { SentPerSecond = Math.Round((job.Replayed - 1) / jobs._time.GetElapsedTime(first).TotalSeconds, 1) };
        }

        private async Task<DeadLetterRedriveStatus> WouldBeAsync(DeadLetterOrigin origin, DeadLetter? letter)
        {
            if (letter is null || origin.Topic != jobs._topic)
            {
                return DeadLetterRedriveStatus.NotFound;
            }
            return await PatientlyAsync(() => jobs._redriver.HasBytesAsync(origin, letter, _topicId, cancellationToken)).ConfigureAwait(false)
                ? DeadLetterRedriveStatus.Replayed
                : DeadLetterRedriveStatus.Failed;
        }

        /// <summary>Others may search the dead letters meanwhile, one after the other: that is no reason for a job to give up at once.</summary>
        private async Task<T> PatientlyAsync<T>(Func<Task<T>> read)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await read().ConfigureAwait(false);
                }
                catch (BusyException) when (attempt < BusyInTurn)
                {
                    await Task.Delay(s_whenBusy, jobs._time, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        private DeadLetterOrigin WithTopicId(DeadLetterOrigin origin) => origin.TopicId.Length > 0 ? origin : origin with { TopicId = _topicId ?? "" };
    }
}
