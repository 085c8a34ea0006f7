using System.Reflection;

namespace LogPartitioning.Tests.Documentation;

/// <summary>The settings of the services: the properties of the options classes, which are those that name their configuration section.</summary>
internal static class ServiceSettings
{
    private static readonly string[] Projects = ["Core", "Producer", "Consumer", "Gateway", "ServiceDefaults"];

    /// <summary>Each setting as <c>Section:Name</c>, with its default.</summary>
    public static IEnumerable<(string Name, object? Default)> All() =>
        from project in Projects
        from type in Assembly.Load($"LogPartitioning.{project}").GetTypes()
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)?.GetRawConstantValue() as string
        where section is not null
        let options = Activator.CreateInstance(type)
        from property in type.GetProperties()
        where property.CanWrite
        select ($"{section}:{property.Name}", property.GetValue(options));
}
