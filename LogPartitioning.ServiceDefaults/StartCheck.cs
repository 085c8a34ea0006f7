using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.ServiceDefaults;

/// <summary>A rule for settings that no options class has, checked with all others before the service starts.</summary>
/// <param name="Problems">What breaks the rule, a sentence each.</param>
public sealed record StartCheck(Func<IConfiguration, IEnumerable<string>> Problems);

/// <summary>Adds <see cref="StartCheck"/>.</summary>
public static class StartCheckExtensions
{
    /// <summary>Has <paramref name="problems"/> checked before the service starts.</summary>
    public static IServiceCollection AddStartCheck(this IServiceCollection services, Func<IConfiguration, IEnumerable<string>> problems) =>
        services.AddSingleton(new StartCheck(problems));
}
