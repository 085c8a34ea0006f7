using System.Security.Cryptography;
using System.Text;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The keys that settings and file name together.</summary>
/// <param name="Keys">The keys; none where there is a problem.</param>
/// <param name="Problems">What is wrong, a sentence each.</param>
internal sealed record ConfiguredKeys(IReadOnlyList<KnownKey> Keys, IReadOnlyList<string> Problems)
{
    public static ConfiguredKeys Read(ApiKeyOptions options)
    {
        List<(string Place, ApiKeyEntry Entry)> entries = [.. options.Keys.Select((entry, index) => ($"{ApiKeyOptions.Section}:Keys:{index}", entry))];
        List<string> problems = [];
        if (!string.IsNullOrWhiteSpace(options.File))
        {
            var (keys, problem) = KeyFile.Read(options.File);
            entries.AddRange(keys.Select((entry, index) => ($"{options.File}: keys:{index}", entry)));
            problems.AddRange(problem is null ? [] : [problem]);
        }

        problems.AddRange(KeyRules.Problems(entries));
        if (options.ServiceKey is { Length: > 0 } serviceKey && KeyRules.ProblemOfServiceKey(serviceKey) is { } broken)
        {
            problems.Add(broken);
        }

        return problems.Count > 0 ? new([], problems) : new([.. entries.Select(entry => KeyOf(entry.Entry)), .. OfServices(options)], []);
    }

    private static KnownKey KeyOf(ApiKeyEntry entry) =>
        new(entry.Name!, Convert.FromHexString(entry.Sha256!), [.. entry.Roles.Distinct()], entry.RequestsPerSecond);

    private static IEnumerable<KnownKey> OfServices(ApiKeyOptions options) =>
        options.ServiceKey is { Length: > 0 } key ? [new(KeyRules.ServicesName, SHA256.HashData(Encoding.UTF8.GetBytes(key)), Roles.All, null)] : [];
}
