using System.Globalization;
using System.Net;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>An address to listen on, as the settings write it.</summary>
internal static class ListenAddress
{
    /// <summary>How it is written, in words.</summary>
    public const string Form = "a port (1 to 65535), which is on loopback, or an IP address or localhost with a port, as in 127.0.0.1:5514 or [::1]:5514";

    private const string Localhost = "localhost:";

    /// <summary>Reads an address.</summary>
    /// <returns>Whether it is one. A name other than localhost is none: it may mean several addresses, or another one tomorrow.</returns>
    public static bool TryParse(string text, out IPEndPoint address)
    {
        var loopback = text.StartsWith(Localhost, StringComparison.OrdinalIgnoreCase) ? text[Localhost.Length..] : text;
        // First: to the runtime a number by itself is an address.
        if (int.TryParse(loopback, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            address = new(IPAddress.Loopback, port is > 0 and <= IPEndPoint.MaxPort ? port : 0);
            return address.Port > 0;
        }

        var isAddress = IPEndPoint.TryParse(text, out var parsed) && parsed.Port > 0;
        address = parsed ?? new(IPAddress.Loopback, 0);
        return isAddress;
    }

    /// <summary>Reads an address that was found to be one.</summary>
    public static IPEndPoint Parse(string text) => TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\" is not {Form}.");
}
