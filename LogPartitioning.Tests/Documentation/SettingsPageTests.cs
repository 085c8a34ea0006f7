using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Documentation;

/// <summary>docs/settings.md tells every setting of the services with its default, and no other.</summary>
public sealed partial class SettingsPageTests
{
    private const string Page = "docs/settings.md";

    [Fact]
    public void Every_setting_is_documented_with_its_default_and_every_documented_setting_exists()
    {
        var inCode = ServiceSettings.All().ToDictionary(setting => setting.Name, setting => Written(setting.Default));
        var sections = inCode.Keys.Select(SectionOf).ToHashSet();
        var documented = Rows().Matches(RepositoryFiles.Read(Page))
            .Where(row => sections.Contains(SectionOf(row.Groups["name"].Value)))
            .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["default"].Value.Trim('`'));

        Assert.NotEmpty(inCode);
        Assert.True(
            inCode.OrderBy(setting => setting.Key).SequenceEqual(documented.OrderBy(setting => setting.Key)),
            $"{Page} and the options differ.\nOnly in code: {Difference(inCode, documented)}\nOnly in {Page}: {Difference(documented, inCode)}");
    }

    private static string Difference(Dictionary<string, string> these, Dictionary<string, string> those) =>
        string.Join("; ", these.Except(those).Select(setting => $"{setting.Key} = {setting.Value}"));

    private static string SectionOf(string setting) => setting.Split(':')[0];

    private static string Written(object? value) => value switch
    {
        null or "" => "unset",
        bool flag => flag ? "true" : "false",
        TimeSpan { Days: > 0 } time => time.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture),
        TimeSpan time => time.ToString(time.Milliseconds == 0 ? @"hh\:mm\:ss" : @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        ICollection { Count: 0 } => "none",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    [GeneratedRegex(@"^\| `(?<name>[A-Za-z]+:[A-Za-z]+(:[A-Za-z]+)?)` \| (?<default>[^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
