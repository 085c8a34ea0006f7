namespace LogPartitioning.Tests.Structure;

/// <summary>A type of the project under test, or one that it uses.</summary>
/// <param name="Project">The name of its assembly.</param>
/// <param name="Namespace">Its namespace; empty for a program's top-level statements.</param>
/// <param name="Name">Its name; a nested type goes under the type around it.</param>
internal sealed record CodeType(string Project, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";
}

/// <summary>One type's use of another one, in a signature or in a method's body.</summary>
internal sealed record TypeUse(CodeType From, CodeType To);
