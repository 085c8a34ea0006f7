using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Reads values of a configuration and gathers every problem instead of stopping at the first.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>What keeps the application from starting, one sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What is probably not meant, but works.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The configuration being read.</summary>
    public IConfiguration Configuration => configuration;

    public void Problem(string sentence) => _problems.Add(sentence);

    public void Warning(string sentence) => _warnings.Add(sentence);

    public string? Text(string key) => string.IsNullOrWhiteSpace(configuration[key]) ? null : configuration[key]!.Trim();

    public int Number(string key, int otherwise, int min, int max) => Value(key, otherwise, $"a whole number from {min} to {max}", text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null);

    public TimeSpan Time(string key, TimeSpan otherwise, TimeSpan min, TimeSpan max) => Value(key, otherwise, $"a time from {min:c} to {max:c}", text =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : (TimeSpan?)null);

    public bool Switch(string key, bool otherwise) => Value<bool>(key, otherwise, "true or false", text => bool.TryParse(text, out var value) ? value : null);

    // A bare number would parse as an enum value too, and mean nothing to a reader.
    public T OneOf<T>(string key, T otherwise)
        where T : struct, Enum => Value<T>(key, otherwise, $"one of {string.Join(", ", Enum.GetNames<T>())}", text =>
        Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]) ? value : null);

    private T Value<T>(string key, T otherwise, string expected, Func<string, T?> parse)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return otherwise;
        }

        if (parse(text) is { } value)
        {
            return value;
        }

        Problem($"{key} must be {expected}; it is \"{text}\".");
        return otherwise;
    }
}
