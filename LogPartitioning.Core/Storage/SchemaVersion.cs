using System.Globalization;

namespace LogPartitioning.Core.Storage;

/// <summary>A row of <c>schema_versions</c>: a migration that was applied to a database.</summary>
/// <param name="Version">The migration's version.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">The digest of the text that was applied.</param>
/// <param name="CompatibleFrom">The least version of a program that may work with what it made.</param>
/// <param name="BegunAt">When it was begun.</param>
/// <param name="AppliedAt">When it was done; null for one outside of a transaction that is not.</param>
/// <param name="AppliedBy">The role that did it.</param>
internal sealed record SchemaVersion(int Version, string Name, string Sha256, int CompatibleFrom, DateTime BegunAt, DateTime? AppliedAt, string AppliedBy)
{
    /// <summary>The migration and its application, for messages.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version} ({Name}, {(AppliedAt is { } at ? $"applied {at:u}" : $"begun {BegunAt:u}")} by {AppliedBy})");
}
