using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace LogPartitioning.AppHost.Containers;

/// <summary>How containers reach the services, which are processes of this machine.</summary>
/// <remarks>Aspire's container tunnel does it by default, and then there is nothing to do here. Where the tunnel is turned off
/// (<c>ASPIRE_ENABLE_CONTAINER_TUNNEL=false</c>, for machines that cannot pull its image), a container knows no name for this
/// machine and finds services that listen on loopback alone. They then listen on the engine's bridge too, and only there:
/// its address can be reached from this machine and its containers, not from other machines.</remarks>
internal static class BridgeAccess
{
    private const string TunnelSwitch = "ASPIRE_ENABLE_CONTAINER_TUNNEL";
    private const string HostForContainers = "AppHost:ContainerHostname";
    private const string BridgeEndpoint = "bridge";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Makes <paramref name="services"/> known to containers.</summary>
    /// <returns>The endpoints to use from a container.</returns>
    public static IReadOnlyList<EndpointReference> OpenToContainers(
        this IDistributedApplicationBuilder builder, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        // Docker Desktop's bridge is inside its own machine; there loopback is reached by the name that Aspire uses anyway.
        var bridge = builder.ExecutionContext.IsRunMode && IsOff(builder.Configuration[TunnelSwitch]) ? BridgeAddress() : null;
        if (bridge is not null)
        {
            builder.Configuration[HostForContainers] ??= bridge.ToString();
            foreach (var service in services)
            {
                service.WithHttpEndpoint(name: BridgeEndpoint)
                    .WithEndpoint(BridgeEndpoint, endpoint =>
                    {
                        endpoint.TargetHost = bridge.ToString();
                        endpoint.ExcludeReferenceEndpoint = true;
                    })
                    .WithUrlForEndpoint(BridgeEndpoint, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);
            }
        }

        var name = bridge is null ? "http" : BridgeEndpoint;
        return [.. services.Select(service => service.GetEndpoint(name, KnownNetworkIdentifiers.DefaultAspireContainerNetwork))];
    }

    private static bool IsOff(string? value) => value == "0" || (bool.TryParse(value, out var on) && !on);

    // This machine's address on the network "bridge", which Docker makes when it starts; null where that is not on this machine.
    private static IPAddress? BridgeAddress()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                "docker", ["network", "inspect", "bridge", "--format", """{{index .Options "com.docker.network.bridge.name"}}"""])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (process is null || !process.WaitForExit(Patience))
            {
                process?.Kill(entireProcessTree: true);
                return null;
            }

            var name = process.StandardOutput.ReadToEnd().Trim();
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.Name == name)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .FirstOrDefault(address => address.AddressFamily is AddressFamily.InterNetwork);
        }
        catch (Win32Exception)
        {
            return null; // no docker; Podman answers at the name that Aspire uses
        }
    }
}
