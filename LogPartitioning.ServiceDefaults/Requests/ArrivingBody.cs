using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>
/// The body of a request while it arrives: how much of it came, in which time. It can be cut off where it takes the room that others
/// need (<see cref="ArrivingBodies"/>); whoever reads it then gets a 408.
/// </summary>
/// <exception cref="BadHttpRequestException">408, by every way of reading.</exception>
public sealed class ArrivingBody : PipeReader, IRequestBodyPipeFeature
{
    /// <summary>What comes faster than this is never cut off: a client on a poor line has it.</summary>
    private const double SlowBytesPerSecond = 32 * 1024;

    /// <summary>
    /// The time over which the rate is taken: long enough to tell something, and short, for one that began fast to hold much of the
    /// room is as slow as any.
    /// </summary>
    private static readonly TimeSpan s_span = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ArrivingBodies _bodies;
    private readonly PipeReader _body;
    private readonly TimeProvider _time;
    private readonly long _since;

    private ReadOnlySequence<byte> _last;
    private long _consumed;
    private long _received;
    private (long At, long Received) _mark;
    private double? _rate;
    private bool _isWatched;
    private bool _isCut;
    private Action? _release;

    internal ArrivingBody(ArrivingBodies bodies, PipeReader body, TimeProvider time)
    {
        (_bodies, _body, _time, _since) = (bodies, body, time, time.GetTimestamp());
        _mark = (_since, 0);
    }

    /// <inheritdoc />
    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>Bytes a second over the last second or longer; null as long as it is too young to tell.</summary>
    internal double? BytesPerSecond
    {
        get
        {
            lock (_gate)
            {
                return RateSince(_mark) ?? _rate;
            }
        }
    }

    /// <summary>Whether it may be cut off.</summary>
    internal bool IsSlow => BytesPerSecond < SlowBytesPerSecond;

    /// <summary>Says what gives back at once the room that the body takes, when it is cut off.</summary>
    public void OnCutOff(Action release)
    {
        lock (_gate)
        {
            if (!_isCut)
            {
                _release = release;
                return;
            }
        }

        release();
    }

    /// <summary>Ends it, for its reader to say so.</summary>
    /// <returns>Whether that was for this call to do.</returns>
    internal bool TryCutOff()
    {
        Action? release;
        lock (_gate)
        {
            if (_isCut)
            {
                return false;
            }

            _isCut = true;
            release = _release;
        }

        release?.Invoke();
        _body.CancelPendingRead();
        return true;
    }

    /// <inheritdoc />
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        // Most bodies are here with their head, and need not be watched.
        if (TryRead(out var result))
        {
            return new(result);
        }

        if (!_isWatched)
        {
            _bodies.Enter(this);
            _isWatched = true;
        }

        return AwaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCut();
        if (!_body.TryRead(out result))
        {
            return false;
        }

        result = Taken(result);
        return true;
    }

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc />
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _consumed += _last.Slice(_last.Start, consumed).Length;
        _last = default;
        _body.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc />
    public override void CancelPendingRead() => _body.CancelPendingRead();

    /// <inheritdoc />
    public override void Complete(Exception? exception = null)
    {
        End();
        _body.Complete(exception);
    }

    /// <summary>Nobody reads it any more.</summary>
    internal void End()
    {
        if (_isWatched)
        {
            _isWatched = false;
            _bodies.Leave(this);
        }
    }

    private async ValueTask<ReadResult> AwaitAsync(CancellationToken cancellationToken) => Taken(await _body.ReadAsync(cancellationToken));

    private ReadResult Taken(ReadResult read)
    {
        if (read.IsCanceled && Volatile.Read(ref _isCut))
        {
            // A read that is left open would keep the server from passing over the rest.
            _body.AdvanceTo(read.Buffer.End);
            throw TooSlow();
        }

        _last = read.Buffer;
        Count(_consumed + read.Buffer.Length);
        if (read.IsCompleted)
        {
            End();
        }

        return read;
    }

    private void Count(long received)
    {
        lock (_gate)
        {
            _received = received;
            if (RateSince(_mark) is { } rate)
            {
                (_rate, _mark) = (rate, (_time.GetTimestamp(), received));
            }
        }
    }

    private double? RateSince((long At, long Received) mark) =>
        _time.GetElapsedTime(mark.At) is var time && time >= s_span ? (_received - mark.Received) / time.TotalSeconds : null;

    private void ThrowIfCut()
    {
        if (Volatile.Read(ref _isCut))
        {
            throw TooSlow();
        }
    }

    private BadHttpRequestException TooSlow() => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"The body came too slowly while others needed the room that it took: {_received} bytes in {_time.GetElapsedTime(_since).TotalSeconds:0.0} s. Nothing of it was taken; send it again."),
        StatusCodes.Status408RequestTimeout);
}
