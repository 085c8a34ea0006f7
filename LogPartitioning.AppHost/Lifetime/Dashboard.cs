using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Where the dashboard is.</summary>
internal static class Dashboard
{
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
