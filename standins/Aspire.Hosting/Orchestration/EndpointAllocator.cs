using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Orchestration;

/// <summary>Gives endpoints their addresses. No proxy stands before a process here: it listens on the public port itself.</summary>
internal sealed class EndpointAllocator(IConfiguration configuration)
{
    private readonly HashSet<int> _taken = [];
    private readonly bool _randomize = configuration.GetValue<bool>("DcpPublisher:RandomizePorts");

    /// <summary>Ports that the application names are nobody else's.</summary>
    public void Reserve(IEnumerable<IResource> resources)
    {
        foreach (var endpoint in resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()))
        {
            foreach (var port in (int?[])[endpoint.Port, endpoint.TargetPort])
            {
                if (port is { } fixedPort)
                {
                    _taken.Add(fixedPort);
                }
            }
        }
    }

    /// <summary>Gives all endpoints of a resource their addresses.</summary>
    /// <exception cref="DistributedApplicationException">An endpoint can only be had with a proxy.</exception>
    public void Allocate(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            // Tests may set an address themselves.
            if (endpoint.AllAllocatedEndpoints.For(endpoint.DefaultNetworkID).IsValueSet)
            {
                continue;
            }

            var port = PortOf(resource, endpoint);
            var anyAddress = endpoint.TargetHost is "*" or "+" or "0.0.0.0" or "::" or "[::]";
            AllocatedEndpoint allocated = new(
                endpoint,
                anyAddress ? "localhost" : endpoint.TargetHost,
                port,
                anyAddress ? EndpointBindingMode.DualStackAnyAddresses : EndpointBindingMode.SingleAddress,
                port.ToString(CultureInfo.InvariantCulture));
            endpoint.AllocatedEndpoint = allocated;
        }
    }

    private int PortOf(IResource resource, EndpointAnnotation endpoint)
    {
        if (endpoint is { TargetPort: { } target, Port: { } publicPort } && target != publicPort && !_randomize)
        {
            throw new DistributedApplicationException(
                $"The endpoint '{endpoint.Name}' of '{resource.Name}' has port {publicPort} and target port {target}; without a proxy they must be the same.");
        }

        // A process that listens on a fixed port does so in tests too; a public port is random there unless it has no proxy.
        var port = endpoint.TargetPort ?? (_randomize && endpoint.IsProxied ? null : endpoint.Port);
        return port ?? FreePort();
    }

    private int FreePort()
    {
        while (true)
        {
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
            if (_taken.Add(port))
            {
                return port;
            }
        }
    }
}
