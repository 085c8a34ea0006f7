using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace LogPartitioning.Core.Storage;

/// <summary>One step of the store's schema: a file of <c>Migrations/</c>, applied once and never changed after that.</summary>
/// <param name="Version">Its number, the schema's version once it is applied. A program's version is that of the newest one that it knows.</param>
/// <param name="Name">The rest of the file's name.</param>
/// <param name="Text">The SQL, first line included.</param>
/// <param name="CompatibleFrom">The least version of a program that may work with the schema once this is applied.</param>
/// <param name="InTransaction">
/// Whether it runs in a transaction. One that cannot, as <c>CREATE INDEX CONCURRENTLY</c>, is a single statement: several sent at once are a transaction.
/// </param>
public sealed partial record Migration(int Version, string Name, string Text, int CompatibleFrom, bool InTransaction)
{
    private const string Folder = "Migrations/";

    /// <summary>All that this program knows, the oldest first.</summary>
    public static IReadOnlyList<Migration> All { get; } = ReadAll();

    /// <summary>The SHA-256 of the text, by which an edited file is found.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>The file's name.</summary>
    public string File => string.Create(CultureInfo.InvariantCulture, $"{Version:0000}_{Name}.sql");

    /// <summary>Reads a file, whose first line says <c>-- compatible_from 3</c> or <c>-- compatible_from 3, no transaction</c>.</summary>
    /// <exception cref="FormatException">The name or the first line is something else.</exception>
    public static Migration Parse(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // A checkout may have other line ends; the digest must not.
        text = text.ReplaceLineEndings("\n");
        var name = FileName().Match(file);
        var first = FirstLine().Match(text);
        if (!name.Success || !first.Success)
        {
            throw new FormatException(
                $"{file}: the name of a migration must be like 0012_what_it_does.sql and its first line \"-- compatible_from 12\" or \"-- compatible_from 12, no transaction\".");
        }

        var (version, from) = (Number(name.Groups["version"]), Number(first.Groups["from"]));
        return from >= 1 && from <= version
            ? new(version, name.Groups["name"].Value, text, from, !first.Groups["alone"].Success)
            : throw new FormatException($"{file}: compatible_from must be 1 to {version}; it is {from}.");
    }

    private static Migration[] ReadAll()
    {
        var assembly = typeof(Migration).Assembly;
        Migration[] all = [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];
        return all.Select(migration => migration.Version).SequenceEqual(Enumerable.Range(1, all.Length))
            ? all
            : throw new InvalidOperationException($"Migrations must be numbered from 1 without gaps; they are {string.Join(", ", all.Select(migration => migration.File))}.");

        Migration Read(string resource)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return Parse(resource[Folder.Length..], reader.ReadToEnd());
        }
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<version>\d{4})_(?<name>[a-z0-9_]+)\.sql\z")]
    private static partial Regex FileName();

    [GeneratedRegex(@"^-- compatible_from (?<from>\d{1,4})(?<alone>, no transaction)?\n")]
    private static partial Regex FirstLine();
}
