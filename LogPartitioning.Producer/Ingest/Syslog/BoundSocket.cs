using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Sockets at the addresses of the settings.</summary>
internal static class BoundSocket
{
    private const int IdleSeconds = 60;
    private const int ProbeSeconds = 10;
    private const int Probes = 3;

    /// <summary>Takes an address.</summary>
    /// <exception cref="IOException">Another program has it, or this machine does not; the message names it.</exception>
    public static Socket Listen(IPEndPoint address, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(address.AddressFamily, type, protocol);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            var setting = $"{SyslogOptions.Section}:{(protocol == ProtocolType.Tcp ? nameof(SyslogOptions.Tcp) : nameof(SyslogOptions.Udp))}";
            // What the start makes of an address of HTTP that is taken, it makes of this one: it may be free in a moment.
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? new IOException($"{setting} is {address}, which another program uses.", new AddressInUseException(e.Message, e))
                : new IOException($"{setting} is {address}, where it cannot listen: {e.Message}.", e);
        }
    }

    /// <summary>Finds out, in two minutes, that a sender is gone which could not say so: its place is another's.</summary>
    public static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
    }

    /// <summary>The address of a sender, without its port, which is another one each time.</summary>
    public static string NameOf(IPEndPoint peer) => (peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address).ToString();
}
