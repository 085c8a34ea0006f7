using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Options that are checked when the host starts.</summary>
public static class ValidatedOptionsExtensions
{
    /// <summary>
    /// Binds <typeparamref name="T"/> to a configuration section and validates it at start, all problems at once.
    /// The options are available as <see cref="IOptions{T}"/> and as <typeparamref name="T"/> itself.
    /// </summary>
    public static OptionsBuilder<T> AddValidatedOptions<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton<IValidateOptions<T>, WholeObjectValidation<T>>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<T>>().Value);
        return services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }
}

/// <summary>
/// Attributes and <see cref="IValidatableObject"/> both, always: the framework's validator leaves the second out when an
/// attribute has complained, so that problems would show one start at a time.
/// </summary>
internal sealed class WholeObjectValidation<T> : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var context = new ValidationContext(options);
        var results = new List<ValidationResult>();
        if (Validator.TryValidateObject(options, context, results, validateAllProperties: true) || options is not IValidatableObject whole)
        {
            return Result(results);
        }

        // TryValidateObject has run Validate only when no attribute complained.
        var known = results.Select(result => result.ErrorMessage).ToHashSet();
        results.AddRange(whole.Validate(context).Where(result => known.Add(result.ErrorMessage)));
        return Result(results);
    }

    private static ValidateOptionsResult Result(List<ValidationResult> results) =>
        results.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(results.Select(result => result.ErrorMessage ?? "invalid"));
}
