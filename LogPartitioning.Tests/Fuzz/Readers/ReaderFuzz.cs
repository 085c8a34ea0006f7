using System.Diagnostics;
using System.Globalization;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>
/// Gives readers mutated inputs, one after the other, and judges each: what it ends with, how long it takes and what it allocates; and at
/// the end, how much the heap has grown. An input whose outcome is new is mutated further, so that later inputs go deeper.
/// </summary>
internal sealed class ReaderFuzz
{
    private const int MaxFindings = 20;
    private const int MaxKinds = 10_000;
    private const int MaxKept = 256;
    private const int MaxKeptBytes = 4 * 1024;
    private const int LargeEvery = 10_000;
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(5);

    private readonly Turn[] _turns;
    private readonly int _seed;
    private readonly FuzzBounds _bounds;
    private readonly Action<string> _progress;
    private readonly Random _random;
    private readonly InputMutation _mutation;
    private readonly List<FuzzFinding> _findings = [];
    private readonly HashSet<string> _kinds = [];
    private (string Reader, FuzzInput Input, long Number) _current = ("", new([], 0), 0);
    private long _currentSince;

    /// <param name="readers">The readers.</param>
    /// <param name="seed">Fixes the inputs, but for what depends on the clock in their outcomes.</param>
    /// <param name="bounds">What each input may take.</param>
    /// <param name="progress">Is told every few seconds how far it is.</param>
    public ReaderFuzz(IReadOnlyList<FuzzedReader> readers, int seed, FuzzBounds bounds, Action<string> progress)
    {
        _turns = [.. readers.SelectMany(reader => Enumerable.Repeat(new Turn(reader), reader.Weight))];
        (_seed, _bounds, _progress) = (seed, bounds, progress);
        _random = new(seed);
        _mutation = new(_random);
    }

    /// <summary>Reads so many inputs; fewer where there are too many findings, or the time is up.</summary>
    public async Task<FuzzReport> RunAsync(long inputs, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hang = WatchAsync(over.Token);
        var run = Task.Run(() => ReadAllAsync(inputs, atMost, over.Token), cancellationToken);
        try
        {
            if (await Task.WhenAny(run, hang) == run)
            {
                return await run;
            }

            // What hangs cannot be ended; the run is.
            _findings.Add(await hang);
            return new(_seed, _current.Number, TimeSpan.Zero, _findings, 0, 0, []);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private async Task<FuzzReport> ReadAllAsync(long inputs, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var warmAt = Math.Clamp(inputs / 10, 1, 1_000_000);
        long heapBefore = 0;
        var watch = Stopwatch.StartNew();
        var told = TimeSpan.Zero;
        long number = 0;
        while (number < inputs && watch.Elapsed < atMost && _findings.Count < MaxFindings)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var turn = _turns[_random.Next(_turns.Length)];
            await ReadAsync(turn, Next(turn, number), number);
            number++;
            if (number == warmAt)
            {
                heapBefore = Heap();
            }

            if (watch.Elapsed - told > s_progressEvery)
            {
                told = watch.Elapsed;
                _progress(string.Create(CultureInfo.InvariantCulture,
                    $"{number:N0} of {inputs:N0} inputs, {number / told.TotalSeconds:N0} a second, {_kinds.Count} kinds of outcomes, {_findings.Count} findings, heap {GC.GetTotalMemory(false) / 1048576} MB"));
            }
        }

        watch.Stop();
        var heapAfter = await HeapAtRestAsync(heapBefore + _bounds.Growth, cancellationToken);
        if (heapAfter - heapBefore > _bounds.Growth && number >= warmAt)
        {
            _findings.Add(new("all", $"the heap has grown from {heapBefore} to {heapAfter} bytes", new([], 0), number, _seed));
        }

        return new(_seed, number, watch.Elapsed, _findings, heapBefore, heapAfter, [.. _turns.Distinct().Select(turn => turn.ToString())]);
    }

    private FuzzInput Next(Turn turn, long number)
    {
        var seed = turn.Pick(_random);
        return new(
            number % LargeEvery == LargeEvery - 1 ? _mutation.Large(seed)
                : _random.Next(16) == 0 ? seed
                : _mutation.Apply(seed, (_random.Next(16) == 0 ? _turns[_random.Next(_turns.Length)] : turn).Pick(_random)),
            _random.Next());
    }

    private async Task ReadAsync(Turn turn, FuzzInput input, long number)
    {
        _current = (turn.Reader.Name, input, number);
        Volatile.Write(ref _currentSince, Stopwatch.GetTimestamp());
        var (outcome, problem, elapsed, allocated) = await TryAsync(turn.Reader, input);
        if (problem is null && (elapsed > _bounds.TimeOf(input.Bytes.Length) || allocated > _bounds.AllocatedOf(input.Bytes.Length)))
        {
            problem = await TooMuchAsync(turn.Reader, input);
        }

        Volatile.Write(ref _currentSince, 0);
        turn.Note(input, outcome, elapsed, allocated);
        if (problem is not null)
        {
            await NoteAsync(turn.Reader, input, number, problem);
        }
        else if (_kinds.Count < MaxKinds && _kinds.Add($"{turn.Reader.Name} {outcome}"))
        {
            turn.Keep(input.Bytes);
        }
    }

    /// <summary>Once may be the machine's doing; each time it is the reader's. On a busy machine the processor's time counts.</summary>
    private async Task<string?> TooMuchAsync(FuzzedReader reader, FuzzInput input)
    {
        var bound = _bounds.TimeOf(input.Bytes.Length);
        var (least, fewest, wait) = (TimeSpan.MaxValue, long.MaxValue, TimeSpan.MaxValue);
        for (var n = 0; n < 2; n++)
        {
            var before = Environment.CpuUsage.TotalTime;
            var (_, _, elapsed, allocated) = await TryAsync(reader, input);
            var used = Environment.CpuUsage.TotalTime - before;
            (least, fewest, wait) = (used < least ? used : least, Math.Min(fewest, allocated), elapsed < wait ? elapsed : wait);
        }

        return least > bound ? $"takes longer than {bound.TotalSeconds} s"
            : wait > bound * FuzzBounds.Waits ? $"waits longer than {bound.TotalSeconds * FuzzBounds.Waits} s"
            : fewest > _bounds.AllocatedOf(input.Bytes.Length) ? $"allocates {fewest} bytes"
            : null;
    }

    private static async Task<(string Outcome, string? Problem, TimeSpan Elapsed, long Allocated)> TryAsync(FuzzedReader reader, FuzzInput input)
    {
        var (thread, before, since) = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        string outcome = "", problem = "";
        try
        {
            outcome = await reader.ReadAsync(input);
        }
        catch (BrokenPromiseException broken)
        {
            problem = broken.Message;
        }
        catch (Exception e)
        {
            problem = $"throws {e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("LogPartitioning", StringComparison.Ordinal))?.Trim()}";
        }

        // What was done on another thread is not counted.
        var allocated = thread == Environment.CurrentManagedThreadId ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
        return (outcome, problem.Length == 0 ? null : problem, Stopwatch.GetElapsedTime(since), allocated);
    }

    private async Task NoteAsync(FuzzedReader reader, FuzzInput input, long number, string problem)
    {
        var kind = FuzzOutcome.Of(problem);
        if (!_kinds.Add($"{reader.Name} finding {kind}"))
        {
            return;
        }

        var shorter = await Shrinking.ShrinkAsync(input.Bytes, async bytes =>
            (await TryAsync(reader, input with { Bytes = bytes })).Problem is { } other && FuzzOutcome.Of(other) == kind);
        var finding = new FuzzFinding(reader.Name, problem, input with { Bytes = shorter }, number, _seed);
        _findings.Add(finding);
        _progress($"FINDING {finding}");
    }

    /// <summary>The heap without the inputs that are kept.</summary>
    private long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true) - _turns.Distinct().Sum(turn => turn.KeptBytes);
    }

    /// <summary>The heap as soon as it is within the bound, or after a time in which all that is only pooled has gone.</summary>
    private async Task<long> HeapAtRestAsync(long bound, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var heap = Heap();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (heap > bound && Stopwatch.GetElapsedTime(since) < _bounds.Pooled && await timer.WaitForNextTickAsync(cancellationToken))
        {
            heap = Heap();
        }

        return heap;
    }

    private async Task<FuzzFinding> WatchAsync(CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(over))
        {
            if (Volatile.Read(ref _currentSince) is > 0 and var since && Stopwatch.GetElapsedTime(since) > _bounds.Hang)
            {
                var (reader, input, number) = _current;
                return new(reader, "does not come back", input, number, _seed);
            }
        }

        throw new OperationCanceledException(over);
    }

    /// <summary>A reader with what is known of it.</summary>
    private sealed class Turn(FuzzedReader reader)
    {
        private readonly List<byte[]> _kept = [];
        private readonly Dictionary<string, long> _outcomes = [];
        private long _inputs;
        private TimeSpan _slowest;
        private long _mostAllocated;

        public FuzzedReader Reader => reader;

        public long KeptBytes => _kept.Sum(bytes => (long)bytes.Length);

        public byte[] Pick(Random random) =>
            _kept.Count > 0 && random.Next(2) == 0 ? _kept[random.Next(_kept.Count)]
            : reader.Seeds.Count > 0 ? reader.Seeds[random.Next(reader.Seeds.Count)]
            : [];

        public void Keep(byte[] bytes)
        {
            if (_kept.Count < MaxKept && bytes.Length <= MaxKeptBytes)
            {
                _kept.Add(bytes);
            }
        }

        public void Note(FuzzInput input, string outcome, TimeSpan elapsed, long allocated)
        {
            _inputs++;
            _slowest = elapsed > _slowest ? elapsed : _slowest;
            _mostAllocated = Math.Max(_mostAllocated, allocated / Math.Max(1024, input.Bytes.Length));
            var first = outcome.IndexOf(' ', StringComparison.Ordinal) is > 0 and var blank ? outcome[..blank] : outcome;
            _outcomes[first] = _outcomes.GetValueOrDefault(first) + 1;
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{reader.Name}: {_inputs:N0} inputs; {string.Join(", ", _outcomes.OrderByDescending(o => o.Value).Take(12).Select(o => $"{o.Key} {o.Value:N0}"))}; slowest {_slowest.TotalMilliseconds:0} ms, at most {_mostAllocated} bytes allocated a byte");
    }
}
