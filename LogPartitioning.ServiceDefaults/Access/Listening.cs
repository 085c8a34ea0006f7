using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>On which addresses settings tell the service to listen.</summary>
public static class Listening
{
    /// <summary>Those that others than this machine can reach.</summary>
    public static IReadOnlyList<string> BeyondLoopback(IConfiguration configuration) => [.. Addresses(configuration).Where(address => !IsLocal(address))];

    /// <summary>Where Kestrel listens that has no endpoints of its own: the addresses, else the ports. Without either it is loopback.</summary>
    public static IReadOnlyList<string> Urls(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Parts(configuration["urls"]) is { Length: > 0 } urls
            ? urls
            : [.. Parts(configuration["http_ports"]).Select(port => $"http://*:{port}"), .. Parts(configuration["https_ports"]).Select(port => $"https://*:{port}")];
    }

    /// <summary>As Kestrel chooses: its own endpoints, else the addresses, else the ports, else loopback.</summary>
    private static IEnumerable<string> Addresses(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>().ToList();
        if (endpoints.Count > 0 && !(Parts(configuration["urls"]).Length > 0 && bool.TryParse(configuration["preferHostingUrls"], out var prefers) && prefers))
        {
            return endpoints;
        }

        return Urls(configuration);
    }

    private static bool IsLocal(string address)
    {
        try
        {
            var binding = BindingAddress.Parse(address);
            return binding.IsUnixPipe || binding.IsNamedPipe
                || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || (IPAddress.TryParse(binding.Host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            // Kestrel will refuse it, with its own words.
            return true;
        }
    }

    private static string[] Parts(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
