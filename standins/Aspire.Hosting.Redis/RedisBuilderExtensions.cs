using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds Redis servers.</summary>
public static class RedisBuilderExtensions
{
    private const string DataPath = "/data";
    private static readonly TimeSpan DefaultSaveInterval = TimeSpan.FromSeconds(60);

    /// <summary>Adds a server with a generated password, which is kept.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="port">The port on this machine; null: any free one.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port) => builder.AddRedis(name, port, null);

    /// <summary>Adds a server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name.</param>
    /// <param name="port">The port on this machine; null: any free one.</param>
    /// <param name="password">The password; null: a generated one, which is kept.</param>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        int? port = null,
        IResourceBuilder<ParameterResource>? password = null)
    {
        // A comma would end the password in the connection string.
        RedisResource redis = new(name, password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false));
        return builder.AddResource(redis)
            .WithEndpoint(port: port, targetPort: 6379, name: RedisResource.PrimaryEndpointName, scheme: "redis")
            .WithImage("library/redis", "8.6")
            .WithImageRegistry("docker.io")
            .WithHealthCheck($"{name}_check")
            .WithEntrypoint("/bin/sh")
            .WithEnvironment(context =>
            {
                if (redis.PasswordParameter is { } parameter)
                {
                    context.EnvironmentVariables["REDIS_PASSWORD"] = parameter;
                }
            })
            .WithArgs(context => AddArguments(context.Args, redis));
    }

    /// <summary>Saves the data from time to time.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How often; null: every 60 s.</param>
    /// <param name="keysChangedThreshold">If at least so many keys have changed.</param>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) =>
        builder.WithAnnotation(
            new SaveAnnotation(interval ?? DefaultSaveInterval, keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);

    /// <summary>Keeps the data in a volume.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataPath, isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>Keeps the data under a path of this machine.</summary>
    public static IResourceBuilder<RedisResource> WithDataBindMount(
        this IResourceBuilder<RedisResource> builder, string source, bool isReadOnly = false)
    {
        builder.WithBindMount(source, DataPath, isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>Sets the port on this machine.</summary>
    public static IResourceBuilder<RedisResource> WithHostPort(this IResourceBuilder<RedisResource> builder, int? port) =>
        builder.WithEndpoint(RedisResource.PrimaryEndpointName, endpoint => endpoint.Port = port);

    /// <summary>Sets the password; null: none.</summary>
    public static IResourceBuilder<RedisResource> WithPassword(
        this IResourceBuilder<RedisResource> builder, IResourceBuilder<ParameterResource>? password)
    {
        builder.Resource.PasswordParameter = password?.Resource;
        return builder;
    }

    private static void AddArguments(IList<object> arguments, RedisResource redis)
    {
        arguments.Add("redis-server");
        if (redis.PasswordParameter is not null)
        {
            arguments.Add("--requirepass");
            arguments.Add("$REDIS_PASSWORD");
        }

        if (redis.TryGetLastAnnotation<SaveAnnotation>(out var save))
        {
            arguments.Add("--save");
            arguments.Add(save.Interval.TotalSeconds.ToString(CultureInfo.InvariantCulture));
            arguments.Add(save.KeysChangedThreshold.ToString(CultureInfo.InvariantCulture));
        }
    }

    private sealed record SaveAnnotation(TimeSpan Interval, long KeysChangedThreshold) : IResourceAnnotation;
}
