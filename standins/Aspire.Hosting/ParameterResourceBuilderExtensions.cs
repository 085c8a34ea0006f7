using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds values from outside.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter whose value comes from configuration, <c>Parameters:name</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, fallback => Find(builder.Configuration, name, fallback), secret));

    /// <summary>Adds a parameter with a value.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>Adds a parameter whose value is asked for when it is needed.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        Func<string> valueGetter,
        bool publishValueAsDefault = false,
        bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(valueGetter);
        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        }

        return builder.AddResource(new ParameterResource(name, fallback => fallback?.GetDefaultValue() ?? valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantDefault(valueGetter) : null,
        });
    }

    /// <summary>Adds a parameter whose value comes from configuration, else from a default that may be kept.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        ParameterDefault value,
        bool secret = false,
        bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        var kept = persist ? Persist(builder, name, value) : value;
        return builder.AddResource(
            new ParameterResource(name, _ => Find(builder.Configuration, name, kept), secret) { Default = kept });
    }

    /// <summary>Adds a parameter whose value comes from a configuration key.</summary>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string configurationKey, bool secret = false) =>
        builder.AddResource(
            new ParameterResource(name, fallback => Find(builder.Configuration, name, fallback, configurationKey), secret));

    /// <summary>Adds a connection string from configuration, <c>ConnectionStrings:name</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="environmentVariableName">The variable that carries it to others, when that is not the usual one.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConnectionStringParameterResource(
            name,
            _ => builder.Configuration.GetConnectionString(name) ?? throw new MissingParameterValueException(
                $"Connection string parameter resource could not be used because connection string '{name}' is missing."),
            environmentVariableName));

    /// <summary>A generated password that is kept; not part of the application's resources by itself.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0) =>
        CreateGeneratedParameter(builder, name, secret: true, new()
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        });

    /// <summary>A generated value that is kept; not part of the application's resources by itself.</summary>
    public static ParameterResource CreateGeneratedParameter(
        IDistributedApplicationBuilder builder, string name, bool secret, GenerateParameterDefault parameterDefault) =>
        new(name, fallback => Find(builder.Configuration, name, fallback), secret) { Default = Persist(builder, name, parameterDefault) };

    /// <summary>Says what it is for.</summary>
    public static IResourceBuilder<ParameterResource> WithDescription(
        this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        _ = enableMarkdown;
        builder.Resource.Description = description;
        return builder;
    }

    private static string Find(ConfigurationManager configuration, string name, ParameterDefault? fallback, string? key = null)
    {
        key ??= $"Parameters:{name}";
        return configuration[key]
            ?? configuration[key.Replace('-', '_')]
            ?? fallback?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"Parameter resource could not be used because configuration key '{key}' is missing and the Parameter has no default value.");
    }

    private static ParameterDefault Persist(IDistributedApplicationBuilder builder, string name, ParameterDefault inner) =>
        builder.GetPersisted() is { } persisted && builder.ExecutionContext.IsRunMode
            ? new PersistedParameterDefault(name, inner, persisted)
            : inner;

    private static PersistedParameters? GetPersisted(this IDistributedApplicationBuilder builder) =>
        builder.Services.LastOrDefault(service => service.ServiceType == typeof(PersistedParameters))?.ImplementationInstance
            as PersistedParameters;

    private sealed class ConstantDefault(Func<string> valueGetter) : ParameterDefault
    {
        private readonly Lazy<string> _value = new(valueGetter);

        public override string GetDefaultValue() => _value.Value;

        public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", _value.Value);
    }
}
