using System.Globalization;
using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Gateway.Otlp;

/// <summary>
/// The ports on which programs look for a collector: 4318 for HTTP, 4317 for gRPC. Both serve all that the gateway has; that of gRPC speaks HTTP/2 alone,
/// since without TLS a client cannot ask for it.
/// </summary>
internal static class OtlpPorts
{
    private const string Endpoints = "Kestrel:Endpoints";

    /// <summary>Puts the addresses of <see cref="GatewayOptions.OtlpHttp"/> and <see cref="GatewayOptions.OtlpGrpc"/> among Kestrel's own endpoints.</summary>
    public static void AddOtlpPorts(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var section = configuration.GetSection(GatewayOptions.Section);
        Dictionary<string, string?> added = [];
        Add("OtlpHttp", section[nameof(GatewayOptions.OtlpHttp)], "Http1");
        Add("OtlpGrpc", section[nameof(GatewayOptions.OtlpGrpc)], "Http2");
        if (added.Count == 0)
        {
            return;
        }

        if (!configuration.GetSection(Endpoints).GetChildren().Any())
        {
            // With endpoints of its own Kestrel listens on no others, and warns of each that it leaves out.
            foreach (var (index, url) in Addresses(configuration).Index())
            {
                added[string.Create(CultureInfo.InvariantCulture, $"{Endpoints}:Address{index}:Url")] = url;
            }

            (added["urls"], added["http_ports"], added["https_ports"]) = ("", "", "");
        }

        configuration.AddInMemoryCollection(added);

        void Add(string name, string? address, string protocols)
        {
            if (!string.IsNullOrEmpty(address))
            {
                added[$"{Endpoints}:{name}:Url"] = $"http://{address}";
                added[$"{Endpoints}:{name}:Protocols"] = protocols;
            }
        }
    }

    private static IReadOnlyList<string> Addresses(ConfigurationManager configuration) => Listening.Urls(configuration) is { Count: > 0 } urls ? urls : ["http://localhost:5000"];
}
