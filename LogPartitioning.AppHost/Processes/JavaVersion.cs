using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LogPartitioning.AppHost.Processes;

/// <summary>Asks a Java launcher for its version, and knows which one brokers need.</summary>
internal static partial class JavaVersion
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The oldest major version that brokers of this version run on (https://kafka.apache.org/documentation/#java).</summary>
    public static int OldestFor(Version kafka) => kafka.Major >= 4 ? 17 : 8;

    /// <summary>The major version of <paramref name="java"/>, or null when it does not tell it within 5 s.</summary>
    public static int? Ask(string java)
    {
        var start = new ProcessStartInfo(java, "-version") { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            // Its few lines fit into the pipe, so it can be waited for before they are read.
            if (process.WaitForExit(Timeout))
            {
                return Parse(process.StandardError.ReadToEnd());
            }

            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>The major version in the answer of <c>java -version</c>: 8 for <c>1.8.0_392</c>, 17 for <c>17.0.15</c>.</summary>
    public static int? Parse(string answer) =>
        VersionText().Match(answer) is { Success: true } match ? int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@" version ""(1\.)?(?<major>\d{1,4})")]
    private static partial Regex VersionText();
}
