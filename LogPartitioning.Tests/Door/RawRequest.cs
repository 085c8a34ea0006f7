using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.Tests.Door;

/// <summary>A request byte by byte over a socket, as clients send it that no library of .NET is.</summary>
internal static class RawRequest
{
    private const string HeadEnd = "\r\n\r\n";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends all of the request, and only then reads the answers until the server closes.</summary>
    /// <returns>The status of the first answer, and the text of all with their bodies put together; status 0 when none came.</returns>
    public static async Task<(int Status, string Answer)> SendAsync(Uri server, params IReadOnlyList<byte[]> parts)
    {
        using var timeout = new CancellationTokenSource(s_patience);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, timeout.Token);
        foreach (var part in parts)
        {
            await client.GetStream().WriteAsync(part, timeout.Token);
        }

        return Read(await ReadAsync(client, _ => false, timeout.Token));
    }

    /// <summary>Sends the head of a request with <c>Expect</c>, and its body when it is told to go on.</summary>
    /// <returns>The first answer: 100, or what refuses the request. And the one to the body, if it was sent.</returns>
    public static async Task<(int First, int Final, string Answer)> AskAsync(Uri server, byte[] head, byte[] body)
    {
        using var timeout = new CancellationTokenSource(s_patience);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, timeout.Token);
        await client.GetStream().WriteAsync(head, timeout.Token);
        var (first, text) = Read(await ReadAsync(
            client, answer => answer.EndsWith(HeadEnd, StringComparison.Ordinal) && (answer.Contains(" 100 ", StringComparison.Ordinal) || answer.Contains("traceId", StringComparison.Ordinal)), timeout.Token));
        if (first != 100)
        {
            return (first, 0, text);
        }

        await client.GetStream().WriteAsync(body, timeout.Token);
        var (final, answer) = Read(await ReadAsync(client, _ => false, timeout.Token));
        return (first, final, answer);
    }

    /// <summary>A request with these headers, which ask for the connection to be closed.</summary>
    public static byte[] Head(string requestLine, params string[] headers) =>
        Encoding.UTF8.GetBytes($"{requestLine} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    private static async Task<byte[]> ReadAsync(TcpClient client, Func<string, bool> enough, CancellationToken cancellationToken)
    {
        using var answer = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await client.GetStream().ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            answer.Write(buffer, 0, read);
            if (enough(Encoding.UTF8.GetString(answer.ToArray())))
            {
                break;
            }
        }

        return answer.ToArray();
    }

    private static (int Status, string Answer) Read(byte[] bytes)
    {
        // One character a byte, so that lengths are those of the bytes.
        var text = Encoding.Latin1.GetString(bytes);
        var body = text.IndexOf(HeadEnd, StringComparison.Ordinal) + HeadEnd.Length;
        var chunked = body >= HeadEnd.Length && text[..body].Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
        return (text.Length < 12 ? 0 : int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(chunked ? text[..body] + Unchunked(text[body..]) : text)));
    }

    private static string Unchunked(string text)
    {
        var body = new StringBuilder();
        while (text.IndexOf("\r\n", StringComparison.Ordinal) is > 0 and var end && int.Parse(text.AsSpan(0, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var length)
        {
            body.Append(text, end + 2, length);
            text = text[(end + 2 + length + 2)..];
        }

        return body.Append(text.AsSpan(Math.Min(text.Length, "0\r\n\r\n".Length))).ToString();
    }
}
