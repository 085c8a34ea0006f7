using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>Puts keys and roles before every endpoint of a service.</summary>
internal static class AccessExtensions
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddValidatedOptions<ApiKeyOptions>(ApiKeyOptions.Section);
        services.AddSingleton<IValidateOptions<ApiKeyOptions>, AccessValidation>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeyLimits>();
        services.AddSingleton(provider => new AuditLog(provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => new ServiceKey(provider.GetRequiredService<IOptionsMonitor<ApiKeyOptions>>()));
        services.AddHostedService<KeyWatch>();
        services.AddAuthentication(ApiKeyHandler.Scheme).AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Scheme, null);
        services.AddAuthorization(Policies.Add);
    }

    public static void UseAccess(this WebApplication app)
    {
        app.UseAuthentication();
        // Before the decision, so that what was refused is on record, too.
        app.Use((HttpContext context, RequestDelegate next) => app.Services.GetRequiredService<AuditLog>().RecordAsync(context, next));
        app.UseAuthorization();
        app.Use((HttpContext context, RequestDelegate next) => app.Services.GetRequiredService<KeyLimits>().LimitAsync(context, next));
    }
}
