using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace LogPartitioning.Tests.Structure;

/// <summary>The compiled types of the projects, and what each of them uses.</summary>
internal static class CompiledTypes
{
    /// <summary>The projects with rules of their own.</summary>
    public static readonly string[] Projects =
    [
        "LogPartitioning.AppHost",
        "LogPartitioning.Consumer",
        "LogPartitioning.Core",
        "LogPartitioning.Gateway",
        "LogPartitioning.LoadTest",
        "LogPartitioning.Otlp",
        "LogPartitioning.Producer",
        "LogPartitioning.ServiceDefaults",
    ];

    private static readonly Lazy<ILookup<string, TypeUse>> s_uses = new(() =>
        (from type in new ArchLoader().LoadAssemblies([.. Projects.Select(System.Reflection.Assembly.Load)]).Build().Types
         from used in Used(type)
         where !SourceGenerated(type)
         select new TypeUse(Of(type), Of(used)))
        .Distinct()
        .ToLookup(use => use.From.Project));

    /// <summary>Every use of a type by a type of the project, once.</summary>
    public static IEnumerable<TypeUse> UsesIn(string project) => s_uses.Value[project];

    private static IEnumerable<IType> Used(IType type) =>
        type.Dependencies.SelectMany(dependency => dependency.TargetGenericArguments.SelectMany(Types).Prepend(dependency.Target)).Where(used => used is not GenericParameter);

    private static IEnumerable<IType> Types(GenericArgument argument) => argument.GenericArguments.SelectMany(Types).Prepend(argument.Type);

    /// <summary>Regular expressions, log messages, interceptors and the messages of protocols put types of their own into an assembly.</summary>
    private static bool SourceGenerated(IType type) => type.FullName.StartsWith("OpenTelemetry.Proto.", StringComparison.Ordinal) || type.FullName.Contains(".Generated.", StringComparison.Ordinal) || type.Namespace?.FullName.EndsWith(".Generated", StringComparison.Ordinal) == true;

    private static CodeType Of(IType type)
    {
        var space = type.Namespace?.FullName ?? "";
        var outermost = type.FullName[(space.Length == 0 ? 0 : space.Length + 1)..].Split('+', '/')[0];
        return new(type.Assembly.Name.Split(',')[0], space, outermost.Split('`')[0]);
    }
}
