using System.Text.RegularExpressions;
using LogPartitioning.Core;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>What a key must be like.</summary>
internal static partial class KeyRules
{
    public const int MaxNameLength = 64;
    public const int MinKeyLength = 32;
    public const int MaxKeyLength = 512;
    public const int MaxRequestsPerSecond = 1_000_000;

    /// <summary>What the services' own key is called.</summary>
    public const string ServicesName = "services";

    /// <summary>What is wrong with these keys, a sentence each, naming the place of each.</summary>
    public static IEnumerable<string> Problems(IReadOnlyList<(string Place, ApiKeyEntry Entry)> keys) =>
        keys.SelectMany(key => ProblemsOf(key.Place, key.Entry))
            .Concat(Twice(keys, entry => entry.Name, (first, second, name) => $"{second}:Name is \"{NearestName.Cut(name)}\", as is that of {first}; names must differ."))
            // The hash is no secret, and yet nobody has to read it in a log.
            .Concat(Twice(keys, entry => entry.Sha256?.ToLowerInvariant(), (first, second, _) => $"{second}:Sha256 is that of {first}; each name needs a key of its own."));

    /// <summary>What is wrong with the services' own key, or null.</summary>
    public static string? ProblemOfServiceKey(string key) =>
        key.Length is < MinKeyLength or > MaxKeyLength || key.Any(c => c is <= ' ' or > '~')
            ? $"{ApiKeyOptions.Section}:ServiceKey must have {MinKeyLength} to {MaxKeyLength} visible ASCII characters, and has {key.Length} characters."
            : null;

    private static IEnumerable<string> ProblemsOf(string place, ApiKeyEntry entry)
    {
        if (entry.Name is not { } name || !NamePattern().IsMatch(name))
        {
            yield return $"{place}:Name must have 1 to {MaxNameLength} of the characters a-z A-Z 0-9 . _ -, and is \"{NearestName.Cut(entry.Name ?? "")}\".";
        }
        else if (name.Equals(ServicesName, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{place}:Name must not be \"{name}\", which is the services' own.";
        }

        if (entry.Sha256 is not { } hash || !HashPattern().IsMatch(hash))
        {
            // Somebody may have put the key itself there.
            yield return $"{place}:Sha256 must be the SHA-256 of the key, 64 hexadecimal digits, and is not; ./run.sh new-key makes a key and its hash.";
        }

        if (entry.Roles.Count == 0)
        {
            yield return $"{place}:Roles must name at least one of {string.Join(", ", Roles.All)}.";
        }

        foreach (var role in entry.Roles.Where(role => !Roles.All.Contains(role)))
        {
            yield return $"{place}:Roles must be of {string.Join(", ", Roles.All)}, and has \"{NearestName.Cut(role ?? "")}\".";
        }

        if (entry.RequestsPerSecond is < 1 or > MaxRequestsPerSecond)
        {
            yield return $"{place}:RequestsPerSecond must be between 1 and {MaxRequestsPerSecond}, and is {entry.RequestsPerSecond}.";
        }
    }

    private static IEnumerable<string> Twice(
        IReadOnlyList<(string Place, ApiKeyEntry Entry)> keys, Func<ApiKeyEntry, string?> value, Func<string, string, string, string> problem) =>
        from same in keys.Where(key => !string.IsNullOrEmpty(value(key.Entry))).GroupBy(key => value(key.Entry)!, StringComparer.OrdinalIgnoreCase)
        from later in same.Skip(1)
        select problem(same.First().Place, later.Place, same.Key);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z")]
    private static partial Regex HashPattern();
}
