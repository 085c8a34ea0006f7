using System.Net;
using System.Net.Sockets;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Takes in syslog by datagrams, a message each (RFC 5426). A sender cannot be made to wait, so what there is no room for is dropped, and counted.</summary>
internal sealed class SyslogUdp : IDisposable
{
    private const int MaxDatagramBytes = 65_536;

    /// <summary>What the kernel keeps while a batch is at work; it may allow less.</summary>
    private const int ReceiveBufferBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly SyslogEvents _events;
    private readonly DatagramQueue _queue;
    private readonly Func<EventBatch, CancellationToken, Task> _send;
    private readonly ProducerMetrics _metrics;
    private readonly SyslogLog _log;
    private readonly TimeProvider _time;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;

    public SyslogUdp(
        SyslogEvents events, BufferBudget budget, Func<EventBatch, CancellationToken, Task> send, ProducerMetrics metrics, SyslogLog log, TimeProvider time, IPEndPoint address)
    {
        (_events, _send, _metrics, _log, _time) = (events, send, metrics, log, time);
        _queue = new(budget, time);
        _socket = BoundSocket.Listen(address, SocketType.Dgram, ProtocolType.Udp);
        _socket.ReceiveBufferSize = ReceiveBufferBytes;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Begins to receive.</summary>
    public void Start()
    {
        _receiving = ReceiveAsync();
        _sending = SendAsync();
        _log.Listening("UDP", Address);
    }

    /// <summary>Stops receiving, and sends what is here.</summary>
    /// <param name="cancellationToken">The end of the time for that: what is not acknowledged by then is lost.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var end = cancellationToken.Register(_ending.Cancel);
        await _stopping.CancelAsync();
        await _receiving;
        await _sending;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _queue.Dispose();
        _events.Dispose();
        _stopping.Dispose();
        _ending.Dispose();
    }

    private async Task ReceiveAsync()
    {
        await Task.Yield();
        var buffer = new byte[MaxDatagramBytes];
        var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var sender = new SocketAddress(_socket.AddressFamily);
        // At a stop what the kernel has is taken before the end, but not what goes on coming.
        for (var afterStop = 0; afterStop < DatagramQueue.MaxDatagrams; afterStop += _stopping.IsCancellationRequested ? 1 : 0)
        {
            try
            {
                if (_stopping.IsCancellationRequested && _socket.Available == 0)
                {
                    break;
                }

                var length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, sender, _stopping.IsCancellationRequested ? CancellationToken.None : _stopping.Token);
                if (length > 0 && !_queue.TryAdd(buffer.AsSpan(0, length), BoundSocket.NameOf((IPEndPoint)any.Create(sender))))
                {
                    _metrics.SyslogDropped(SyslogDrop.QueueFull, 1);
                    _log.QueueIsFull(1);
                }
            }
            catch (OperationCanceledException)
            {
                // The stop; there may be some more here.
            }
            catch (SocketException e)
            {
                _log.Failed("UDP", e);
                await Task.Delay(s_pause, _time, CancellationToken.None);
            }
        }

        _queue.Complete();
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _queue.WaitAsync(_ending.Token))
            {
                await SendBatchAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The time for the stop is over. Those on their way were told; these waited behind them.
            var waiting = 0;
            for (; _queue.TryTake(out var datagram); datagram.Return())
            {
                waiting++;
            }

            if (waiting > 0)
            {
                _metrics.SyslogDropped(SyslogDrop.Stopped, waiting);
                _log.Stopped(waiting);
            }
        }
    }

    private async Task SendBatchAsync()
    {
        var (taken, bytes) = (0, 0);
        try
        {
            var batch = new EventBatch();
            while (taken < SyslogConnection.MaxBatchEvents && _queue.TryTake(out var datagram))
            {
                taken++;
                bytes += datagram.Length;
                try
                {
                    _events.Add(batch, datagram.Bytes, truncated: 0, datagram.Peer);
                }
                finally
                {
                    datagram.Return();
                }
            }

            await _send(batch, _ending.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !_ending.IsCancellationRequested)
        {
            // Whatever one batch does, the others go on.
            _metrics.SyslogDropped(SyslogDrop.Failed, taken);
            _log.Failed("UDP", e);
        }
        finally
        {
            _queue.Release(bytes);
        }
    }
}
