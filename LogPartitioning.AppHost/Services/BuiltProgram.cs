using System.Reflection;

namespace LogPartitioning.AppHost.Services;

/// <summary>Starts services as the programs that the build made.</summary>
internal static class BuiltProgram
{
    // One for each service, written by the build: the project's file and the program.
    private const string MetadataPrefix = "Program:";

    /// <summary>
    /// Starts the service as its built program instead of through <c>dotnet run</c>, which costs a process and seconds of CPU for
    /// each service, and whose process id is not the service's. An IDE and <c>dotnet watch</c> start it in their own way.
    /// </summary>
    public static IResourceBuilder<ProjectResource> RunsAsBuiltProgram(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        var started = builder.Configuration["DEBUG_SESSION_PORT"] is { Length: > 0 } || builder.Configuration["DOTNET_WATCH"] == "1";
        if (started || !builder.ExecutionContext.IsRunMode)
        {
            return service;
        }

        var project = service.Resource.GetProjectMetadata().ProjectPath;
        var program = typeof(BuiltProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(metadata => metadata.Key == MetadataPrefix + project)?.Value;
        if (program is null || Path.ChangeExtension(program, OperatingSystem.IsWindows() ? ".exe" : null) is not { } file || !File.Exists(file))
        {
            return service;
        }

        return service.WithAnnotation(new ExecutableAnnotation { Command = file, WorkingDirectory = Path.GetDirectoryName(project)! });
    }
}
