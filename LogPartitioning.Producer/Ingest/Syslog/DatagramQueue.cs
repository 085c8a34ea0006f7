using System.Buffers;
using System.Threading.Channels;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Datagrams that wait for their turn, bounded in number and in bytes. One thread adds, one takes.</summary>
internal sealed class DatagramQueue(BufferBudget budget, TimeProvider time) : IDisposable
{
    /// <summary>The most datagrams that wait.</summary>
    public const int MaxDatagrams = 10_000;

    /// <summary>The most bytes that those that wait, or are on their way, may have.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Memory is reserved in pieces: a datagram is small.</summary>
    private const int Piece = 64 * 1024;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly Channel<Datagram> _datagrams = Channel.CreateBounded<Datagram>(new BoundedChannelOptions(MaxDatagrams) { SingleReader = true, SingleWriter = true });
    private readonly Lock _lock = new();
    private BufferBudget.Reservation _memory = budget.Open();
    private int _bytes;
    private int _reserved;
    private long? _refused;

    /// <summary>Adds a copy of a datagram.</summary>
    /// <returns>False where there is no room for it.</returns>
    public bool TryAdd(ReadOnlySpan<byte> bytes, string peer)
    {
        if (!TryReserve(bytes.Length))
        {
            return false;
        }

        var copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(copy);
        if (_datagrams.Writer.TryWrite(new(copy, bytes.Length, peer)))
        {
            return true;
        }

        ArrayPool<byte>.Shared.Return(copy);
        Release(bytes.Length);
        return false;
    }

    /// <summary>No more will come.</summary>
    public void Complete() => _datagrams.Writer.TryComplete();

    /// <summary>Waits until there is one.</summary>
    /// <returns>False where none is left and none will come.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _datagrams.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes one, if there is one. Its room is given back with <see cref="Release"/>, its bytes with <see cref="Datagram.Return"/>.</summary>
    public bool TryTake(out Datagram datagram) => _datagrams.Reader.TryRead(out datagram);

    /// <summary>Gives back the room of datagrams that are done with.</summary>
    public void Release(int bytes)
    {
        lock (_lock)
        {
            _bytes -= bytes;
            if (_bytes == 0)
            {
                _memory.Dispose();
                _memory = budget.Open();
                _reserved = 0;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _memory.Dispose();
        }
    }

    private bool TryReserve(int bytes)
    {
        lock (_lock)
        {
            if (_bytes + bytes > MaxBytes || (_bytes + bytes > _reserved && !TryGrow(_bytes + bytes)))
            {
                return false;
            }

            _bytes += bytes;
            return true;
        }
    }

    private bool TryGrow(int bytes)
    {
        // Being refused is dear, and would come with each datagram.
        if (_refused is { } refused && time.GetElapsedTime(refused) < s_pause)
        {
            return false;
        }

        try
        {
            var pieces = (bytes + Piece - 1) / Piece * Piece;
            _memory.Hold(pieces, whole: true);
            (_reserved, _refused) = (pieces, null);
            return true;
        }
        catch (RequestRefusedException)
        {
            _refused = time.GetTimestamp();
            return false;
        }
    }
}

/// <summary>A datagram and who sent it.</summary>
internal readonly struct Datagram(byte[] lent, int length, string peer)
{
    public ReadOnlySpan<byte> Bytes => lent.AsSpan(0, length);

    public int Length => length;

    public string Peer => peer;

    public void Return() => ArrayPool<byte>.Shared.Return(lent);
}
