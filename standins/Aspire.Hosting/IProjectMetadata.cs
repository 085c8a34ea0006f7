using System.Text.Json.Serialization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Says where a project lies; one is generated for each project that the AppHost references.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The full path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>The launch settings, when they are not in the project's <c>Properties</c>.</summary>
    LaunchSettings? LaunchSettings => null;

    /// <summary>The project was built already.</summary>
    bool SuppressBuild => false;

    /// <summary>It is a single file.</summary>
    bool IsFileBasedApp => false;
}

/// <summary>How a project is started by <c>dotnet run</c>.</summary>
public sealed class LaunchSettings
{
    /// <summary>The profiles by name.</summary>
    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
}

/// <summary>One way to start a project.</summary>
public sealed class LaunchProfile
{
    /// <summary><c>Project</c> is the only kind that counts here.</summary>
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    /// <summary>The arguments.</summary>
    [JsonPropertyName("commandLineArgs")]
    public string? CommandLineArgs { get; set; }

    /// <summary>The URLs on which it listens, separated by semicolons.</summary>
    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    /// <summary>The path that a browser opens.</summary>
    [JsonPropertyName("launchUrl")]
    public string? LaunchUrl { get; set; }

    /// <summary>The variables.</summary>
    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}

/// <summary>What of a project's own settings counts.</summary>
public class ProjectResourceOptions
{
    /// <summary>The launch profile to take; null: the first of the kind <c>Project</c>.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Take none.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Leave out the endpoints that the project's own Kestrel settings name.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}
