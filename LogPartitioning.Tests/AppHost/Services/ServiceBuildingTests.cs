using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LogPartitioning.AppHost.Prometheus;
using LogPartitioning.AppHost.Services;

namespace LogPartitioning.Tests.AppHost.Services;

/// <summary>How a service is started, and how containers reach it.</summary>
public sealed class ServiceBuildingTests
{
    [Fact]
    public void A_service_is_started_as_the_program_that_the_build_made()
    {
        var service = Service().RunsAsBuiltProgram().Resource;

        var program = Assert.Single(service.Annotations.OfType<ExecutableAnnotation>());
        Assert.Equal("LogPartitioning.Producer", Path.GetFileName(program.Command));
        Assert.True(File.Exists(program.Command));
        Assert.Equal("LogPartitioning.Producer", Path.GetFileName(program.WorkingDirectory));
    }

    [Theory]
    [InlineData("--DEBUG_SESSION_PORT=localhost:1")]
    [InlineData("--DOTNET_WATCH=1")]
    public void An_ide_and_dotnet_watch_start_it_in_their_own_way(string argument) =>
        Assert.Empty(Service(argument).RunsAsBuiltProgram().Resource.Annotations.OfType<ExecutableAnnotation>());

    [Fact]
    public void Containers_reach_a_service_on_the_address_of_their_bridge()
    {
        var service = Service();

        var endpoint = Assert.Single(BridgeAccess.OpenToContainers(service.ApplicationBuilder, [service], IPAddress.Parse("172.17.0.1")));

        Assert.Equal("bridge", endpoint.EndpointName);
        Assert.Equal("172.17.0.1", Assert.Single(service.Resource.Annotations.OfType<EndpointAnnotation>(), annotation => annotation.Name == "bridge").TargetHost);
        Assert.Equal("172.17.0.1", service.ApplicationBuilder.Configuration["AppHost:ContainerHostname"]);
    }

    [Fact]
    public void With_the_tunnel_nothing_is_opened()
    {
        var service = Service();

        Assert.Equal("http", Assert.Single(BridgeAccess.OpenToContainers(service.ApplicationBuilder, [service], bridge: null)).EndpointName);
        Assert.DoesNotContain(service.Resource.Annotations.OfType<EndpointAnnotation>(), annotation => annotation.Name == "bridge");
    }

    [SkippableFact]
    public void The_address_of_a_network_is_read_from_this_machine()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The loopback network has another name.");
        Assert.Equal(IPAddress.Loopback, BridgeAccess.AddressOf("lo"));
        Assert.Null(BridgeAccess.AddressOf("no-such-network"));
    }

    private static IResourceBuilder<ProjectResource> Service(params string[] arguments) => EmptyApplication.Builder(arguments)
        .AddProject<Projects.LogPartitioning_Producer>("producer", options => options.ExcludeLaunchProfile = true)
        .WithHttpEndpoint();
}
