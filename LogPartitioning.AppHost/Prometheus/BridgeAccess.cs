using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.AppHost.Prometheus;

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

    /// <summary>Makes <paramref name="services"/> known to containers.</summary>
    /// <returns>The endpoints to use from a container.</returns>
    public static IReadOnlyList<EndpointReference> OpenToContainers(
        this IDistributedApplicationBuilder builder, IReadOnlyList<IResourceBuilder<ProjectResource>> services) =>
        // Docker Desktop's bridge is inside its own machine; there loopback is reached by the name that Aspire uses anyway.
        OpenToContainers(builder, services, builder.ExecutionContext.IsRunMode && IsOff(builder.Configuration[TunnelSwitch]) ? BridgeAddress() : null);

    /// <summary>As above.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="services">The services.</param>
    /// <param name="bridge">The address on which they listen for containers too, or null.</param>
    internal static IReadOnlyList<EndpointReference> OpenToContainers(
        IDistributedApplicationBuilder builder, IReadOnlyList<IResourceBuilder<ProjectResource>> services, IPAddress? bridge)
    {
        if (bridge is not null)
        {
            builder.Configuration[HostForContainers] ??= bridge.ToString();
            foreach (var service in services)
            {
                service.WithHttpEndpoint(name: BridgeEndpoint)
                    // For a start without keys; an address of the user's own without keys was refused before.
                    .WithEnvironment("ApiKeys__TrustedNetwork", "true")
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

    // This machine's address on the network "bridge", which Docker makes when it starts. Null where that network is not on this
    // machine, and without docker: Podman answers at the name that Aspire uses.
    private static IPAddress? BridgeAddress() =>
        FinishedProgram.Ask("docker", "network", "inspect", "bridge", "--format", """{{index .Options "com.docker.network.bridge.name"}}""") is { } answer
            ? AddressOf(answer.Output.Trim())
            : null;

    /// <summary>The IPv4 address of a network interface of this machine, or null.</summary>
    internal static IPAddress? AddressOf(string network) => NetworkInterface.GetAllNetworkInterfaces()
        .Where(candidate => candidate.Name == network)
        .SelectMany(candidate => candidate.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily is AddressFamily.InterNetwork);
}
