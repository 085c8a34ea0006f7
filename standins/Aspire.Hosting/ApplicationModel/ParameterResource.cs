using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from outside: a password, a number, a name.</summary>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <summary>Describes a parameter.</summary>
    /// <param name="name">The name; the value comes from configuration, <c>Parameters:name</c>.</param>
    /// <param name="callback">Finds the value, from the default when there is one.</param>
    /// <param name="secret">Must not be shown.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _value = new(() => callback(Default));
        Secret = secret;
    }

    /// <summary>Where the value comes from when configuration has none.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>What it is for.</summary>
    public string? Description { get; set; }

    /// <summary>Must not be shown.</summary>
    public bool Secret { get; }

    /// <summary>It is a connection string.</summary>
    public bool IsConnectionString { get; set; }

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <inheritdoc/>
    /// <exception cref="MissingParameterValueException">There is no value and no default.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);

    /// <inheritdoc cref="GetValueAsync(CancellationToken)"/>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1725", Justification = "The package's own name.")]
    public ValueTask<string?> GetValueAsync(ValueProviderContext _, CancellationToken cancellationToken) => GetValueAsync(cancellationToken);
}

/// <summary>Where a parameter's value comes from when configuration has none.</summary>
public abstract class ParameterDefault
{
    /// <summary>The value.</summary>
    public abstract string GetDefaultValue();

    /// <summary>Describes it for a deployment manifest.</summary>
    public abstract void WriteToManifest(ManifestPublishingContext context);
}

/// <summary>A random text.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCase = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCase = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>The length in characters; 22 of all kinds carry 128 bits.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>May hold lower case letters.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>May hold upper case letters.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>May hold digits.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>May hold special characters.</summary>
    public bool Special { get; set; } = true;

    /// <summary>At least so many lower case letters.</summary>
    public int MinLower { get; set; }

    /// <summary>At least so many upper case letters.</summary>
    public int MinUpper { get; set; }

    /// <summary>At least so many digits.</summary>
    public int MinNumeric { get; set; }

    /// <summary>At least so many special characters.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override string GetDefaultValue()
    {
        (bool Allowed, int Minimum, string Alphabet)[] kinds =
            [(Lower, MinLower, LowerCase), (Upper, MinUpper, UpperCase), (Numeric, MinNumeric, Digits), (Special, MinSpecial, SpecialCharacters)];
        List<char> text = [];
        foreach (var (allowed, minimum, alphabet) in kinds)
        {
            text.AddRange(System.Security.Cryptography.RandomNumberGenerator.GetItems<char>(alphabet, allowed ? minimum : 0));
        }

        var all = string.Concat(kinds.Where(kind => kind.Allowed).Select(kind => kind.Alphabet));
        text.AddRange(System.Security.Cryptography.RandomNumberGenerator.GetItems<char>(all, Math.Max(0, MinLength - text.Count)));
        var shuffled = text.ToArray();
        System.Security.Cryptography.RandomNumberGenerator.Shuffle<char>(shuffled);
        return new(shuffled);
    }

    /// <inheritdoc/>
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", MinLength);
        context.Writer.WriteEndObject();
    }
}
