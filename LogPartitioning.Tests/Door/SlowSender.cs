using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.Tests.Door;

/// <summary>A client that begins a body and goes on with it for ever, a few bytes at a time.</summary>
internal sealed class SlowSender : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);
    private readonly TcpClient _client = new();
    private readonly CancellationTokenSource _end = new();
    private Task _work = Task.CompletedTask;

    private SlowSender()
    {
    }

    /// <summary>The status that it was answered with; null as long as it has none, 0 where the connection was cut.</summary>
    public int? Status { get; private set; }

    /// <summary>What it was answered; empty as long as that is nothing.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>Connects, sends the head and the beginning of the body, and goes on by itself.</summary>
    /// <param name="server">The server.</param>
    /// <param name="path">The path that is posted to.</param>
    /// <param name="begin">How many bytes it sends at once to begin with.</param>
    /// <param name="bytesPerSecond">How many it sends from then on.</param>
    public static async Task<SlowSender> StartAsync(Uri server, string path, int begin, int bytesPerSecond)
    {
        var sender = new SlowSender();
        await sender._client.ConnectAsync(server.Host, server.Port);
        sender._work = sender.RunAsync(path, begin, (int)(bytesPerSecond * s_pause.TotalSeconds));
        return sender;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _client.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(string path, int begin, int piece)
    {
        try
        {
            var stream = _client.GetStream();
            var reading = ReadAsync(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {8 * 1024 * 1024}\r\n\r\n"), _end.Token);
            var spaces = new byte[Math.Max(begin, piece)];
            Array.Fill(spaces, (byte)' ');
            spaces[0] = (byte)'{';
            await stream.WriteAsync(spaces.AsMemory(0, Math.Max(1, begin)), _end.Token);
            spaces[0] = (byte)' ';
            using var timer = new PeriodicTimer(s_pause);
            while (!reading.IsCompleted && await timer.WaitForNextTickAsync(_end.Token))
            {
                await stream.WriteAsync(spaces.AsMemory(0, piece), _end.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            Status ??= _end.IsCancellationRequested ? null : 0;
        }
    }

    private async Task ReadAsync(NetworkStream stream)
    {
        try
        {
            // The head and the beginning of the body come together.
            var answer = new byte[4096];
            if (await stream.ReadAtLeastAsync(answer, "HTTP/1.1 503".Length, throwOnEndOfStream: false, _end.Token) is >= 12 and var length)
            {
                Answer = Encoding.ASCII.GetString(answer, 0, length);
                Status = int.Parse(Answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Status ??= _end.IsCancellationRequested ? null : 0;
        }
    }
}
