using System.Net;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>
/// By which names a service is asked for that knows no keys. A page of another site can have its own name resolve to this machine, so that a browser takes what answers there for
/// that site, and lets its scripts read and change all of it. The name that the browser asked for tells.
/// </summary>
internal static class HostNames
{
    // Names that nobody can own on the internet.
    private static readonly string[] s_local = [".localhost", ".local", ".internal", ".home.arpa"];

    /// <summary>Whether it is an address, a name of this machine, or one that a public name server cannot give.</summary>
    public static bool IsLocal(string host)
    {
        var name = host.TrimEnd('.');
        // One without a dot is the local network's own.
        return IPAddress.TryParse(name, out _) || !name.Contains('.', StringComparison.Ordinal) || s_local.Any(local => name.EndsWith(local, StringComparison.OrdinalIgnoreCase));
    }
}
