using System.Globalization;
using System.Text.RegularExpressions;
using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Asks a Java launcher for its version, and knows which one brokers need.</summary>
internal static partial class JavaVersion
{
    /// <summary>The oldest major version that brokers of this version run on (https://kafka.apache.org/documentation/#java).</summary>
    public static int OldestFor(Version kafka) => kafka.Major >= 4 ? 17 : 8;

    /// <summary>The major version of <paramref name="java"/>, or null when it does not say it within 5 s.</summary>
    public static int? Ask(string java) => FinishedProgram.Ask(java, "-version") is { } answer ? Parse(answer.Errors) : null;

    /// <summary>The major version in the answer of <c>java -version</c>: 8 for <c>1.8.0_392</c>, 17 for <c>17.0.15</c>.</summary>
    private static int? Parse(string answer) =>
        VersionText().Match(answer) is { Success: true } match ? int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@" version ""(1\.)?(?<major>\d{1,4})")]
    private static partial Regex VersionText();
}
