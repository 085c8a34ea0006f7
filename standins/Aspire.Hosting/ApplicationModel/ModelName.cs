namespace Aspire.Hosting.ApplicationModel;

/// <summary>The rules that names of resources and endpoints follow, so that they are host names and variable names too.</summary>
internal static class ModelName
{
    public static void Validate(string target, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var problem = name switch
        {
            { Length: > 64 } => "Name must be between 1 and 64 characters long.",
            _ when !char.IsAsciiLetter(name[0]) => "Name must start with an ASCII letter.",
            _ when name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-') => "Name must contain only ASCII letters, digits, and hyphens.",
            _ when name.Contains("--", StringComparison.Ordinal) => "Name cannot contain consecutive hyphens.",
            _ when name.EndsWith('-') => "Name cannot end with a hyphen.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ArgumentException($"{target} name '{name}' is invalid. {problem}", nameof(name));
        }
    }

    /// <summary>What of a name can stand in an environment variable's name.</summary>
    public static string ToVariable(string name)
    {
        var text = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
        return text.Length > 0 && char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }
}
