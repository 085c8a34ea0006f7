using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.Benchmarks.Ingest;

/// <summary>
/// A connection of HTTP/1.1 that sends bytes prepared beforehand and reads one answer at a time: a client that costs little, so that
/// the service gets the processor.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private static readonly byte[] s_endOfHead = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_endOfChunks = "\r\n0\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_length = "\r\nContent-Length: "u8.ToArray();
    private static readonly byte[] s_chunked = "\r\nTransfer-Encoding: chunked"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _answer = new byte[64 * 1_024];
    private int _length;
    private int _head;

    /// <summary>The body of the last answer; where it came in chunks, with their lengths in it.</summary>
    public ReadOnlySpan<byte> Body => _answer.AsSpan(_head, _length - _head);

    public void Dispose() => _socket.Dispose();

    public async Task ConnectAsync(Uri server) => await _socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);

    /// <summary>A POST of a body, head and all.</summary>
    public static byte[] Post(Uri server, string path, string contentType, ReadOnlySpan<byte> body) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n")),
        .. body,
    ];

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="InvalidOperationException">The answer is neither 202 nor 200.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> request)
    {
        while (request.Length > 0)
        {
            request = request[await _socket.SendAsync(request)..];
        }

        (_length, _head) = (0, 0);
        var end = -1;
        while (!IsComplete(ref end))
        {
            if (_length == _answer.Length)
            {
                Array.Resize(ref _answer, 2 * _answer.Length);
            }

            var read = await _socket.ReceiveAsync(_answer.AsMemory(_length));
            _length += read > 0 ? read : throw new InvalidOperationException("The server closed the connection in the middle of an answer.");
        }

        if (!_answer.AsSpan().StartsWith("HTTP/1.1 202"u8) && !_answer.AsSpan().StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException($"Not accepted: {Encoding.UTF8.GetString(_answer, 0, Math.Min(_length, 600))}");
        }
    }

    /// <param name="end">How long the whole answer is; -1 as long as that is not known, -2 where it comes in chunks.</param>
    private bool IsComplete(ref int end)
    {
        var answer = _answer.AsSpan(0, _length);
        if (end == -1)
        {
            var head = answer.IndexOf(s_endOfHead);
            if (head < 0)
            {
                return false;
            }

            _head = head + s_endOfHead.Length;
            if (answer[.._head].IndexOf(s_chunked) >= 0)
            {
                end = -2;
            }
            else
            {
                var at = answer[.._head].IndexOf(s_length);
                end = at >= 0 && Utf8Parser.TryParse(answer[(at + s_length.Length)..], out int length, out _)
                    ? _head + length
                    : throw new InvalidOperationException("An answer without a length.");
            }
        }

        return end == -2 ? answer.EndsWith(s_endOfChunks) : _length >= end;
    }
}
