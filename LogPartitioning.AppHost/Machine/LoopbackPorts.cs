using System.Net;
using System.Net.Sockets;

namespace LogPartitioning.AppHost.Machine;

/// <summary>Finds free ports for the servers of this machine, each port once.</summary>
/// <param name="random">Whether to give any free ports and not the preferred ones.</param>
/// <param name="reserved">A port that is never given; null: none.</param>
internal sealed class LoopbackPorts(bool random, int? reserved = null)
{
    private const int MaxTries = 1_000;

    // Below the range from which Linux takes ports for outgoing connections (32768 and up):
    // a port found free there could be gone a moment later.
    private const int RandomFirst = 20_000;
    private const int RandomEnd = 32_000;

    private readonly HashSet<int> _given = [];

    /// <summary>A free port: <paramref name="preferred"/> or the next free one after it, or any where ports are random.</summary>
    /// <exception cref="InvalidOperationException">None of 1,000 candidates is free.</exception>
    public int Next(int preferred) =>
        random ? Any() : First(Enumerable.Range(preferred, MaxTries).TakeWhile(port => port <= IPEndPoint.MaxPort), $" from {preferred} on");

    /// <summary>Any free port, for endpoints whose number does not matter.</summary>
    /// <exception cref="InvalidOperationException">None of 1,000 candidates is free.</exception>
    public int Any() => First(Enumerable.Range(0, MaxTries).Select(_ => Random.Shared.Next(RandomFirst, RandomEnd)));

    /// <summary>Whether nothing listens on <paramref name="port"/> of the loopback addresses or of all addresses.</summary>
    public static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    private int First(IEnumerable<int> candidates, string where = "")
    {
        foreach (var port in candidates)
        {
            if (port != reserved && _given.Add(port) && IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port was found{where}.");
    }

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            // Without SO_REUSEADDR a port whose old connections are in TIME_WAIT would look taken;
            // .NET sets it on Unix, and a listening socket still makes the bind fail.
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            return true; // this machine has no such address, so nothing can listen there
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
