using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    private static readonly JsonSerializerOptions LaunchSettingsFormat = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Adds a project with its first launch profile.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, _ => { });

    /// <summary>Adds a project with a launch profile; null: none.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => builder.AddProject<TProject>(name, options =>
        {
            options.ExcludeLaunchProfile = launchProfileName is null;
            options.LaunchProfileName = launchProfileName;
        });

    /// <summary>Adds a project.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new()
    {
        ProjectResourceOptions options = new();
        configure(options);
        return builder.AddResource(new ProjectResource(name)).WithAnnotation(new TProject()).WithProjectDefaults(options);
    }

    /// <summary>Sets how many processes run of the project; here one alone can.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas) =>
        builder.WithAnnotation(new ReplicaAnnotation(replicas));

    private static IResourceBuilder<ProjectResource> WithProjectDefaults(
        this IResourceBuilder<ProjectResource> builder, ProjectResourceOptions options)
    {
        builder.WithTelemetry();
        if (options.ExcludeLaunchProfile)
        {
            builder.WithAnnotation(new ExcludeLaunchProfileAnnotation());
        }
        else if (options.LaunchProfileName is not null)
        {
            builder.WithAnnotation(new LaunchProfileAnnotation(options.LaunchProfileName));
        }

        builder.WithEnvironment(context => SetUrls(builder.Resource, context));
        var (profileName, profile) = options.ExcludeLaunchProfile ? default : FindProfile(builder, options.LaunchProfileName);
        if (profile is null)
        {
            return builder;
        }

        Dictionary<string, int> perScheme = [];
        foreach (var url in profile.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var address = BindingAddress.Parse(url);
            var count = perScheme[address.Scheme] = perScheme.GetValueOrDefault(address.Scheme) + 1;
            builder.WithEndpoint(count == 1 ? address.Scheme : $"{address.Scheme}{count}", endpoint =>
            {
                endpoint.Port = address.Port;
                endpoint.TargetHost = address.Host;
                endpoint.UriScheme = address.Scheme;
                endpoint.FromLaunchProfile = true;
            });
        }

        return builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", profileName!);
            foreach (var (name, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
            }
        });
    }

    // What the process listens on; said last, when every endpoint is known.
    private static void SetUrls(ProjectResource resource, EnvironmentCallbackContext context)
    {
        if (context.EnvironmentVariables.ContainsKey("ASPNETCORE_URLS"))
        {
            return;
        }

        ReferenceExpressionBuilder urls = new();
        foreach (var endpoint in resource.GetEndpoints().Where(endpoint => endpoint.Scheme is "http" or "https"))
        {
            if (!urls.IsEmpty)
            {
                urls.AppendLiteral(";");
            }

            if (endpoint.IsHttps)
            {
                context.EnvironmentVariables.TryAdd("ASPNETCORE_HTTPS_PORT", endpoint.Property(EndpointProperty.Port));
            }

            urls.Append($"{endpoint.Property(EndpointProperty.Scheme)}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!urls.IsEmpty)
        {
            context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
        }
    }

    private static (string? Name, LaunchProfile? Profile) FindProfile(IResourceBuilder<ProjectResource> builder, string? wanted)
    {
        var metadata = builder.Resource.GetProjectMetadata();
        var path = Path.Combine(Path.GetDirectoryName(metadata.ProjectPath)!, "Properties", "launchSettings.json");
        var settings = metadata.LaunchSettings
            ?? (File.Exists(path) ? JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(path), LaunchSettingsFormat) : null);

        // The AppHost's own profile counts where the project has one of that name.
        var appHosts = builder.ApplicationBuilder.Configuration["AppHost:DefaultLaunchProfileName"]
            ?? builder.ApplicationBuilder.Configuration["DOTNET_LAUNCH_PROFILE"];
        if (wanted is null && appHosts is not null && settings?.Profiles.ContainsKey(appHosts) == true)
        {
            wanted = appHosts;
        }

        if (wanted is not null)
        {
            return settings?.Profiles.TryGetValue(wanted, out var named) == true
                ? (wanted, named)
                : throw new DistributedApplicationException(
                    $"Launch settings file does not contain '{wanted}' profile for project '{metadata.ProjectPath}'.");
        }

        var first = settings?.Profiles.FirstOrDefault(profile => profile.Value.CommandName == "Project");
        return (first?.Key, first?.Value);
    }

    private static IResourceBuilder<ProjectResource> WithTelemetry(this IResourceBuilder<ProjectResource> builder)
    {
        var application = builder.ApplicationBuilder;
        return builder.WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            // The dashboard is what would collect at ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL, and there is none here.
            variables["OTEL_SERVICE_NAME"] = builder.Resource.Name;
            variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.NewGuid():N}";
            if (application.Environment.IsDevelopment())
            {
                foreach (var name in (string[])["OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"])
                {
                    variables[name] = "1000";
                }

                variables["OTEL_TRACES_SAMPLER"] = "always_on";
                variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            }
        });
    }
}
