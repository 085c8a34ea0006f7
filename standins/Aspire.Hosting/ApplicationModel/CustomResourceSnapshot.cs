using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a resource stands at a moment.</summary>
public sealed record CustomResourceSnapshot
{
    private readonly ImmutableArray<HealthReportSnapshot> _healthReports = [];
    private readonly ResourceStateSnapshot? _state;

    /// <summary>The kind: Project, Executable, Container, Parameter …</summary>
    public required string ResourceType { get; init; }

    /// <summary>What else is known.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>The state, see <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State
    {
        get => _state;
        init
        {
            _state = value;
            HealthStatus = ComputeHealth();
        }
    }

    /// <summary>When it was created, UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When it last started, UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When it last ended, UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The exit code, once it has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The worst of the reports; null while it does not run or a report is missing.</summary>
    public HealthStatus? HealthStatus { get; private init; }

    /// <summary>What each health check said last.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports
    {
        get => _healthReports;
        internal init
        {
            _healthReports = value;
            HealthStatus = ComputeHealth();
        }
    }

    /// <summary>The variables it was started with.</summary>
    public ImmutableArray<EnvironmentVariableSnapshot> EnvironmentVariables { get; init; } = [];

    /// <summary>Where it can be visited.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>What it has to do with.</summary>
    public ImmutableArray<RelationshipSnapshot> Relationships { get; init; } = [];

    /// <summary>It is not shown.</summary>
    public bool IsHidden { get; init; }

    /// <summary>What is being done because the resource is ready; others wait for its end.</summary>
    internal Task? ReadyEvent { get; init; }

    /// <summary>Why it does not run, for whoever watches the terminal.</summary>
    internal string? Reason { get; init; }

    private HealthStatus? ComputeHealth()
    {
        if (_state?.Text != KnownResourceStates.Running)
        {
            return null;
        }

        // A report that has not come yet counts as unhealthy.
        return _healthReports.IsDefaultOrEmpty
            ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
            : _healthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
    }
}

/// <summary>A state and how it is shown.</summary>
/// <param name="Text">The state.</param>
/// <param name="Style">How it is shown, see <see cref="KnownResourceStateStyles"/>.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>A state that is shown as it comes.</summary>
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

/// <summary>What a health check said.</summary>
/// <param name="Name">The check.</param>
/// <param name="Status">What it said; null: nothing yet.</param>
/// <param name="Description">In words.</param>
/// <param name="ExceptionText">The error, when there was one.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it said so, UTC.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>A variable that a resource was started with.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
/// <param name="IsFromSpec">Set by the application's description, not inherited.</param>
public sealed record EnvironmentVariableSnapshot(string Name, string? Value, bool IsFromSpec);

/// <summary>Something that is known about a resource.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Must not be shown.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>A place where a resource can be visited.</summary>
/// <param name="Name">The endpoint.</param>
/// <param name="Url">The URL.</param>
/// <param name="IsInternal">Shown in details alone.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>How it is shown.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();

    /// <summary>It cannot be visited now.</summary>
    public bool IsInactive { get; init; }
}

/// <summary>How a URL is shown.</summary>
/// <param name="DisplayName">The text.</param>
/// <param name="SortOrder">The higher, the earlier.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>What a resource has to do with.</summary>
/// <param name="ResourceName">With which one.</param>
/// <param name="Type">How.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);

/// <summary>A change of a resource.</summary>
/// <param name="resource">Of which one.</param>
/// <param name="resourceId">Of which process of it; here the resource's name.</param>
/// <param name="snapshot">How it stands now.</param>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>Of which one.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Of which process of it.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>How it stands now.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
