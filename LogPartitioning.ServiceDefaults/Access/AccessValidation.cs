using LogPartitioning.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The keys and certificates must be right, and without keys nobody from outside is let in unless a setting says so.</summary>
internal sealed class AccessValidation(IConfiguration configuration, IHostEnvironment environment) : IValidateOptions<ApiKeyOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, ApiKeyOptions options)
    {
        var problems = ConfiguredKeys.Read(options).Problems.ToList();
        if (!options.HasKeys && !options.TrustedNetwork && Listening.BeyondLoopback(configuration) is { Count: > 0 } addresses)
        {
            problems.Add(
                $"It listens on {string.Join(" and ", addresses)}, which others can reach, and {ApiKeyOptions.Section} names no key. Name keys, listen on loopback alone, "
                + $"or set {ApiKeyOptions.Section}:TrustedNetwork to true if everybody who reaches it may do everything.");
        }

        // A limit whose name is misspelt would be none.
        var section = configuration.GetSection(ApiKeyOptions.Section);
        problems.AddRange(Misspelt<ApiKeyOptions>(section));
        problems.AddRange(section.GetSection(nameof(ApiKeyOptions.Keys)).GetChildren().SelectMany(Misspelt<ApiKeyEntry>));
        problems.AddRange(ServerCertificates.Problems(configuration, environment.ContentRootPath));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Misspelt<T>(IConfigurationSection section)
    {
        string[] known = [.. typeof(T).GetProperties().Where(property => property.CanWrite).Select(property => property.Name)];
        return section.GetChildren()
            .Where(setting => !known.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .Select(setting => $"{setting.Path} {NearestName.Rule(setting.Key, "a setting", known)}.");
    }
}
