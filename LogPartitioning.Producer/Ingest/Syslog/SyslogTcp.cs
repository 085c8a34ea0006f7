using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Takes in syslog over connections.</summary>
internal sealed class SyslogTcp : IDisposable
{
    /// <summary>The most connections at once.</summary>
    public const int MaxConnections = 100;

    private const int Backlog = 128;

    /// <summary>What is read at once: a batch of a few hundred messages.</summary>
    private const int BufferBytes = 64 * 1024;

    /// <summary>At a stop: how long a sender that was told of it may go on.</summary>
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(5);

    /// <summary>After a failure to accept, such as too many open files, which would come again at once.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    // The receive window and one read are what a connection holds unread: enough for a fast sender, and no more than has to be lost with the process.
    private const int ReceiveBufferBytes = 64 * 1024;

    private readonly Func<SyslogEvents> _events;
    private readonly BufferBudget _budget;
    private readonly Func<EventBatch, CancellationToken, Task> _send;
    private readonly SyslogLog _log;
    private readonly TimeProvider _time;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<Task, Socket> _connections = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _accepting = Task.CompletedTask;
    private int _count;

    public SyslogTcp(Func<SyslogEvents> events, BufferBudget budget, Func<EventBatch, CancellationToken, Task> send, SyslogLog log, TimeProvider time, IPEndPoint address)
    {
        (_events, _budget, _send, _log, _time) = (events, budget, send, log, time);
        _listener = BoundSocket.Listen(address, SocketType.Stream, ProtocolType.Tcp);
        _listener.ReceiveBufferSize = ReceiveBufferBytes; // Those that it accepts have it from here.
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>How many connections there are.</summary>
    public int Connections => Volatile.Read(ref _count);

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        _listener.Listen(Backlog);
        _accepting = AcceptAsync();
        _log.Listening("TCP", Address);
    }

    /// <summary>
    /// Stops accepting, tells the senders that no more is read soon, and reads until they have closed their ends or some seconds are over. A sender that
    /// looks for that before it writes, as most do, loses nothing.
    /// </summary>
    /// <param name="cancellationToken">The end of the time for that: what is not acknowledged by then is lost.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var end = cancellationToken.Register(_ending.Cancel);
        await _closing.CancelAsync();
        await _accepting;
        _listener.Dispose();
        // Not before nobody listens: a sender connects again at once, and what it sent to a connection that nobody accepts would be lost.
        await _stopping.CancelAsync();
        await Task.WhenAll(_connections.Keys);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _closing.Dispose();
        _stopping.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                // At the stop those are accepted that have connected already.
                if (_ending.IsCancellationRequested || (_closing.IsCancellationRequested && !_listener.Poll(TimeSpan.Zero, SelectMode.SelectRead)))
                {
                    return;
                }

                var socket = await _listener.AcceptAsync(_closing.IsCancellationRequested ? _ending.Token : _closing.Token);
                if (Interlocked.Increment(ref _count) <= MaxConnections)
                {
                    Serve(socket);
                    continue;
                }

                Interlocked.Decrement(ref _count);
                socket.Dispose();
                _log.TooManyConnections(MaxConnections);
            }
            catch (OperationCanceledException)
            {
                // The stop.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                _log.Failed("TCP", e);
                await Task.Delay(s_pause, _time, CancellationToken.None);
            }
        }
    }

    private void Serve(Socket socket)
    {
        var serving = ServeAsync(socket);
        _connections[serving] = socket;
        _ = serving.ContinueWith(
            ended =>
            {
                _connections.TryRemove(ended, out _);
                Interlocked.Decrement(ref _count);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        var peer = "";
        try
        {
            peer = BoundSocket.NameOf((IPEndPoint)socket.RemoteEndPoint!);
            BoundSocket.KeepAlive(socket);
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            // Connections that are idle hold no buffer.
            var reader = PipeReader.Create(stream, new(bufferSize: BufferBytes, leaveOpen: true, useZeroByteReads: true));
            using var events = _events();
            using var memory = new HeldMemory(_budget, _time);
            using var linger = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
            using var stopping = _stopping.Token.Register(() =>
            {
                EndAnswers(socket);
                linger.CancelAfter(s_linger);
            });
            using var lingered = linger.Token.Register(reader.CancelPendingRead);
            try
            {
                await new SyslogConnection(reader, peer, events, memory, _send).RunAsync(_ending.Token);
            }
            finally
            {
                await reader.CompleteAsync();
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            _log.Cut(peer, e.Message);
        }
        catch (OperationCanceledException)
        {
            // The time for the stop is over; what is lost was told.
        }
        catch (Exception e)
        {
            // Whatever one connection does, the others go on.
            _log.Failed("TCP", e);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private static void EndAnswers(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }
}
