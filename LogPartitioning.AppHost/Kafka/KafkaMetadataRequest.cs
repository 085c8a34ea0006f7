using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>Asks one broker which brokers it knows: version 0 of the Metadata request of Kafka's protocol.</summary>
/// <remarks>Every broker from 0.8 to 4.x answers version 0, and one socket costs less than a client library
/// with its own threads, asked for each broker every few seconds.</remarks>
internal static class KafkaMetadataRequest
{
    private const int MaxResponse = 64 * 1024 * 1024;
    private const string ClientId = "apphost-health";

    /// <summary>The ids of the brokers that the broker on <paramref name="port"/> of loopback lists.</summary>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    /// <exception cref="IOException">The answer breaks off or makes no sense.</exception>
    public static async Task<IReadOnlySet<int>> SendAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Request(), cancellationToken);
        var size = new byte[4];
        await stream.ReadExactlyAsync(size, cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(size);
        if (length is < 8 or > MaxResponse)
        {
            throw new IOException($"The answer claims {length} bytes; this is not a Kafka broker.");
        }

        var response = new byte[length];
        await stream.ReadExactlyAsync(response, cancellationToken);
        return Brokers(response);
    }

    // size, api key 3, version 0, correlation id, client id, no topic by name, which means all of them. An old broker
    // that is asked for a name tries to create the topic, even one that cannot exist, and answers without a single
    // broker when too few are there for it: a broker would be unhealthy because another one is down.
    internal static byte[] Request()
    {
        var body = new byte[2 + 2 + 4 + 2 + ClientId.Length + 4];
        var request = new byte[4 + body.Length];
        var at = request.AsSpan();
        BinaryPrimitives.WriteInt32BigEndian(at, body.Length);
        BinaryPrimitives.WriteInt16BigEndian(at[4..], 3);
        BinaryPrimitives.WriteInt16BigEndian(at[6..], 0);
        BinaryPrimitives.WriteInt32BigEndian(at[8..], 1);
        BinaryPrimitives.WriteInt16BigEndian(at[12..], (short)ClientId.Length);
        Encoding.ASCII.GetBytes(ClientId, at[14..]);
        BinaryPrimitives.WriteInt32BigEndian(at[(14 + ClientId.Length)..], 0);
        return request;
    }

    // correlation id, then an array of (node id, host, port)
    internal static IReadOnlySet<int> Brokers(ReadOnlySpan<byte> response)
    {
        try
        {
            var count = BinaryPrimitives.ReadInt32BigEndian(response[4..]);
            var at = response[8..];
            var ids = new HashSet<int>();
            for (var i = 0; i < count; i++)
            {
                ids.Add(BinaryPrimitives.ReadInt32BigEndian(at));
                var host = BinaryPrimitives.ReadInt16BigEndian(at[4..]);
                at = at[(4 + 2 + host + 4)..];
            }

            return ids;
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new IOException("The answer breaks off; this is not a Kafka broker.");
        }
    }
}
