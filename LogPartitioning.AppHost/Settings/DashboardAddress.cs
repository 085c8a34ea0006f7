using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Where the dashboard is.</summary>
internal static class DashboardAddress
{
    private static readonly string[] AddressNames = ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    /// <summary>The addresses that the dashboard and its two endpoints (telemetry, resource service) listen on.</summary>
    public static IEnumerable<Uri> Addresses(IConfiguration configuration) =>
        LoginUrl(configuration) is null ? [] : AddressNames
            .SelectMany(name => (configuration[name] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : null)
            .OfType<Uri>();

    /// <summary>The address that logs a browser in; null where there is no dashboard.</summary>
    public static string? LoginUrl(IConfiguration configuration)
    {
        var address = configuration["ASPNETCORE_URLS"]?.Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        if (address is null)
        {
            return null;
        }

        if (configuration["AppHost:BrowserToken"] is not { Length: > 0 } token)
        {
            return bool.TryParse(configuration["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"], out var open) && open ? address : null;
        }

        return $"{address.TrimEnd('/')}/login?t={token}";
    }
}
