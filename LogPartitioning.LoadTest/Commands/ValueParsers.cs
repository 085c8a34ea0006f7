using System.CommandLine.Parsing;
using System.Globalization;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>Reads durations and shares as people write them.</summary>
internal static class ValueParsers
{
    private static readonly (string Suffix, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary><c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1.5h</c>, or seconds without a unit.</summary>
    public static TimeSpan? Duration(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        var (suffix, seconds) = Units.FirstOrDefault(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal), ("", 1));
        if (double.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number * seconds <= TimeSpan.FromDays(7).TotalSeconds)
        {
            return TimeSpan.FromSeconds(number * seconds);
        }

        result.AddError($"\"{text}\" is not a duration; write one like 500ms, 30s, 2m or 1h, up to 7 days.");
        return null;
    }

    /// <summary>A whole number.</summary>
    public static int Whole(ArgumentResult result)
    {
        var number = BigWhole(result);
        if (number is null or (>= int.MinValue and <= int.MaxValue))
        {
            return (int)(number ?? 0);
        }

        result.AddError($"\"{result.Tokens.Single().Value}\" is too large.");
        return 0;
    }

    /// <summary>A whole number that may be large; thousands may be set off by _ or ,.</summary>
    public static long? BigWhole(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        var digits = text.Replace("_", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        result.AddError($"\"{text}\" is not a whole number.");
        return null;
    }

    /// <summary>A number, a decimal point allowed.</summary>
    public static double Number(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        result.AddError($"\"{text}\" is not a number.");
        return 0;
    }

    /// <summary><c>50%</c> or <c>0.5</c>.</summary>
    public static double Share(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        var percent = text.EndsWith('%');
        if (double.TryParse(percent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return percent ? number / 100 : number;
        }

        result.AddError($"\"{text}\" is not a share; write one like 50% or 0.5.");
        return 0;
    }

    /// <summary>An address; without a scheme, http.</summary>
    public static Uri Gateway(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https")
        {
            return uri;
        }

        result.AddError($"\"{text}\" is not an http or https address, such as http://127.0.0.1:8080.");
        return Sending.SendingOptions.DefaultGateway;
    }
}
