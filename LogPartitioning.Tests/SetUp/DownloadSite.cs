using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.Tests.SetUp;

/// <summary>
/// A web server on loopback that gives one archive, or part of it on request. A raw one: it ends a connection in the middle of
/// an answer in order, so that all that was sent arrives.
/// </summary>
internal sealed class DownloadSite : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<Request> _requests = [];
    private readonly Task _accepting;
    private int _cuts;

    /// <param name="path">The one path that is there.</param>
    /// <param name="content">What is there.</param>
    public DownloadSite(string path, byte[] content)
    {
        Path = path;
        Content = content;
        _listener.Start();
        Address = $"http://{_listener.LocalEndpoint}";
        _accepting = AcceptAsync();
    }

    public string Path { get; }

    public byte[] Content { get; }

    public string Address { get; }

    /// <summary>So many of the next downloads are cut after half of what they are to send.</summary>
    public int Cuts
    {
        init => _cuts = value;
    }

    /// <summary>Whether a request for a part of the archive is answered with that part.</summary>
    public bool GivesParts { get; init; } = true;

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyList<Request> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Those that asked for the content, where <c>HEAD</c> only asks whether it is there.</summary>
    public IReadOnlyList<Request> Downloads => [.. Requests.Where(request => request.Method == "GET")];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> answers = [];
        try
        {
            while (true)
            {
                answers.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(answers);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using var stream = connection.GetStream();
            if (await ReadAsync(stream) is not { } request)
            {
                return;
            }

            lock (_lock)
            {
                _requests.Add(request);
            }

            await WriteAsync(stream, request);
            connection.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The client went away, or the test has ended.
        }
    }

    private async Task<Request?> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        if (await reader.ReadLineAsync(_stopping.Token) is not { } first || first.Split(' ') is not [var method, var path, _])
        {
            return null;
        }

        long? from = null;
        while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 } header)
        {
            const string Range = "Range: bytes=";
            if (header.StartsWith(Range, StringComparison.OrdinalIgnoreCase))
            {
                from = long.Parse(header[Range.Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            }
        }

        return new Request(method, path, from);
    }

    private async Task WriteAsync(NetworkStream stream, Request request)
    {
        if (request.Path != Path)
        {
            await WriteHeadAsync(stream, "404 Not Found", 0);
            return;
        }

        var from = GivesParts ? (int)(request.From ?? 0) : 0;
        if (from >= Content.Length)
        {
            await WriteHeadAsync(stream, "416 Range Not Satisfiable", 0);
            return;
        }

        var body = Content.AsMemory(from);
        await WriteHeadAsync(
            stream,
            from == 0 ? "200 OK" : "206 Partial Content",
            body.Length,
            from == 0 ? "" : $"Content-Range: bytes {from}-{Content.Length - 1}/{Content.Length}\r\n");
        if (request.Method == "GET")
        {
            await stream.WriteAsync(Interlocked.Decrement(ref _cuts) >= 0 ? body[..(body.Length / 2)] : body, _stopping.Token);
        }
    }

    private async Task WriteHeadAsync(NetworkStream stream, string status, int length, string more = "") =>
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n"),
            _stopping.Token);

    /// <param name="Method"><c>HEAD</c> or <c>GET</c>.</param>
    /// <param name="Path">The path asked for.</param>
    /// <param name="From">The first byte asked for, where not all of it is.</param>
    internal sealed record Request(string Method, string Path, long? From = null);
}
