using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Adds the ways in of syslog.</summary>
internal static class SyslogRegistration
{
    public static void AddSyslog(this IServiceCollection services)
    {
        services.AddValidatedOptions<SyslogOptions>(SyslogOptions.Section);
        services.AddSingleton<SyslogLog>();
        services.AddSingleton<SyslogDelivery>();
        services.AddSingleton<Func<SyslogEvents>>(provider => () => new(
            provider.GetRequiredService<IOptions<SyslogOptions>>(), provider.GetRequiredService<StoreOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SyslogServer>();
        services.AddHostedService(provider => provider.GetRequiredService<SyslogServer>());
    }
}
