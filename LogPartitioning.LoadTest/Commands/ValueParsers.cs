using System.CommandLine.Parsing;
using System.Globalization;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>Reads numbers, durations and shares as people write them.</summary>
internal static class ValueParsers
{
    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary><c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1.5h</c>, or seconds without a unit.</summary>
    public static TimeSpan Duration(ArgumentResult result) => Read<TimeSpan>(result, "a duration; write one like 500ms, 30s, 2m or 1h, up to 7 days", text =>
    {
        var (suffix, unit) = Units.FirstOrDefault(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal), ("", 1));
        var seconds = Decimal(text[..^suffix.Length], NumberStyles.AllowDecimalPoint) * unit;
        return seconds > 0 && seconds <= TimeSpan.FromDays(7).TotalSeconds ? TimeSpan.FromSeconds(seconds.Value) : null;
    });

    /// <summary>A whole number; thousands may be set off by _ or ,.</summary>
    public static int Whole(ArgumentResult result) =>
        Read(result, $"a whole number up to {int.MaxValue:N0}", text => BigWhole(text) is { } number && (int)number == number ? (int)number : (int?)null);

    /// <summary>A whole number that may be large.</summary>
    public static long? BigWhole(ArgumentResult result) => Read(result, "a whole number", BigWhole);

    /// <summary>A number, a decimal point allowed.</summary>
    public static double Number(ArgumentResult result) =>
        Read(result, "a number", text => Decimal(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign));

    /// <summary><c>50%</c> or <c>0.5</c>.</summary>
    public static double Share(ArgumentResult result) => Read(result, "a share; write one like 50% or 0.5", text =>
        text.EndsWith('%') ? Decimal(text[..^1], NumberStyles.AllowDecimalPoint) / 100 : Decimal(text, NumberStyles.AllowDecimalPoint));

    /// <summary>An address; without a scheme, http.</summary>
    public static Uri? Address(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        result.AddError($"\"{text}\" is not an http or https address, such as http://127.0.0.1:8080.");
        return null;
    }

    private static T Read<T>(ArgumentResult result, string expected, Func<string, T?> read)
        where T : struct
    {
        var text = result.Tokens.Single().Value;
        if (read(text) is { } value)
        {
            return value;
        }

        result.AddError($"\"{text}\" is not {expected}.");
        return default;
    }

    private static long? BigWhole(string text) =>
        long.TryParse(text.Replace("_", "").Replace(",", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? Decimal(string text, NumberStyles styles) =>
        double.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) ? number : null;
}
