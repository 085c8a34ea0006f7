using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Finds the containers of an application.</summary>
public static class ContainerResourceExtensions
{
    /// <summary>The containers.</summary>
    public static IEnumerable<IResource> GetContainerResources(this DistributedApplicationModel model) =>
        model.Resources.Where(IsContainer);

    /// <summary>It is a container.</summary>
    public static bool IsContainer(this IResource resource) => resource.HasAnnotationOfType<ContainerImageAnnotation>();
}

/// <summary>Finds the programs of an application.</summary>
public static class ExecutableResourceExtensions
{
    /// <summary>The programs.</summary>
    public static IEnumerable<ExecutableResource> GetExecutableResources(this DistributedApplicationModel model) =>
        model.Resources.OfType<ExecutableResource>();
}
