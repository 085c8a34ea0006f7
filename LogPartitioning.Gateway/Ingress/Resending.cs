using System.Collections.Concurrent;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>
/// Requests that wait here while the producer is away, to be sent to it again, and the bytes that are kept for that. Many clients give up within a moment,
/// and lose what they had; a producer that was killed is back within some seconds.
/// </summary>
internal sealed partial class Resending(GatewayOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Resending> log)
{
    /// <summary>The largest body that is kept: what clients that send as they log put into a request is smaller.</summary>
    public const int MaxBodyBytes = 1024 * 1024;

    /// <summary>
    /// The most bytes of all kept bodies: what 500 clients with 64 KiB each have on their way, and little of what a gateway takes by itself. Where there is
    /// no room, a body is streamed through and not kept.
    /// </summary>
    public const int MaxKeptBytes = 32 * 1024 * 1024;

    /// <summary>How much is taken at once for a body: what most fit into.</summary>
    public const int PieceBytes = 16 * 1024;

    private const int MaxPieces = MaxKeptBytes / PieceBytes;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    /// <summary>The others of the requests that are served at once are left to those that do not wait.</summary>
    private readonly int _maxWaiting = Math.Max(1, options.ConcurrentRequests / 2);

    private readonly TimeSpan _resendTime = options.ResendTime;
    private readonly TimeProvider _time = time;
    private readonly CancellationToken _stopping = lifetime.ApplicationStopping;

    // Of their own and used again: a shared pool keeps few of them, and the others would be garbage.
    private readonly ConcurrentStack<byte[]> _free = [];
    private int _pieces;
    private int _waiting;

    /// <summary>Whether anything is sent again.</summary>
    public bool IsOn => _resendTime > TimeSpan.Zero;

    /// <summary>How many requests wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many bytes are kept.</summary>
    public int KeptBytes => Volatile.Read(ref _pieces) * PieceBytes;

    /// <summary>Lends room for <see cref="PieceBytes"/> more.</summary>
    /// <returns>Null where there is none.</returns>
    public byte[]? TryLend()
    {
        if (Interlocked.Increment(ref _pieces) <= MaxPieces)
        {
            return _free.TryPop(out var piece) ? piece : GC.AllocateUninitializedArray<byte>(PieceBytes);
        }

        Interlocked.Decrement(ref _pieces);
        return null;
    }

    /// <summary>Takes back what was lent.</summary>
    public void TakeBack(byte[] piece)
    {
        _free.Push(piece);
        Interlocked.Decrement(ref _pieces);
    }

    /// <summary>The tries of one request; to be disposed of when it is answered.</summary>
    public Tries NewTries() => new(this);

    private bool TryEnter()
    {
        if (!IsOn)
        {
            return false;
        }

        var waiting = Interlocked.Increment(ref _waiting);
        if (waiting > _maxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        if (waiting == 1)
        {
            LogWaiting(log, _resendTime);
        }

        return true;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _waiting) == 0)
        {
            LogNoneWaits(log);
        }
    }

    [LoggerMessage(4011, LogLevel.Information, "The producer does not answer. Requests whose events are stored once however often they come wait here and are sent again, each for at most {Time}.")]
    private static partial void LogWaiting(ILogger logger, TimeSpan time);

    [LoggerMessage(4012, LogLevel.Information, "No request waits for the producer any more.")]
    private static partial void LogNoneWaits(ILogger logger);

    internal sealed class Tries(Resending all) : IDisposable
    {
        private long? _since;
        private TimeSpan _pause = s_firstPause;

        /// <summary>Waits for the next try. The time begins with the first that failed.</summary>
        /// <returns>False where there is to be none: the time is over, too many wait already, or the service stops.</returns>
        /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>: the client went away.</exception>
        public async Task<bool> WaitAsync(CancellationToken cancellationToken)
        {
            if (_since is null)
            {
                if (!all.TryEnter())
                {
                    return false;
                }

                _since = all._time.GetTimestamp();
            }

            var left = all._resendTime - all._time.GetElapsedTime(_since.Value);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            // Not all at the same time.
            var pause = _pause * (0.5 + (Random.Shared.NextDouble() / 2));
            _pause = 2 * _pause < s_longestPause ? 2 * _pause : s_longestPause;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, all._stopping);
            try
            {
                await Task.Delay(pause < left ? pause : left, all._time, end.Token);
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose()
        {
            if (_since is not null)
            {
                _since = null;
                all.Leave();
            }
        }
    }
}
