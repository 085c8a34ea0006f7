using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Builds a <see cref="ReferenceExpression"/> piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format = new();
    private readonly List<IValueProvider> _providers = [];
    private readonly List<string> _manifestExpressions = [];
    private readonly List<string?> _stringFormats = [];

    /// <summary>Nothing was added yet.</summary>
    public bool IsEmpty => _format.Length == 0;

    /// <summary>Adds an interpolated text.</summary>
    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler) => _ = handler;

    /// <summary>Adds literal text.</summary>
    public void AppendLiteral(string value) => _format.Append(HoleFormat.EscapeBraces(value));

    /// <summary>Adds a text that is known already.</summary>
    public void AppendFormatted(string? value) => AppendFormatted(value, null);

    /// <inheritdoc cref="AppendFormatted(string?)"/>
    public void AppendFormatted(string? value, string? format = null)
    {
        if (value is not null)
        {
            _format.Append(HoleFormat.EscapeBraces(format is null ? value : HoleFormat.Apply(value, format)));
        }
    }

    /// <summary>Adds a hole.</summary>
    public void AppendFormatted<T>(T valueProvider)
        where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);

    /// <inheritdoc cref="AppendFormatted{T}(T)"/>
    public void AppendFormatted<T>(T valueProvider, string? format)
        where T : IValueProvider, IManifestExpressionProvider
    {
        _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
        _providers.Add(valueProvider);
        _manifestExpressions.Add(valueProvider.ValueExpression);
        _stringFormats.Add(format);
    }

    /// <summary>The expression of everything added so far.</summary>
    public ReferenceExpression Build() => new(_format.ToString(), [.. _providers], [.. _manifestExpressions], [.. _stringFormats]);

    /// <summary>Collects an interpolated text for <see cref="Append"/>.</summary>
    /// <param name="literalLength">Called by the compiler.</param>
    /// <param name="formattedCount">Called by the compiler.</param>
    /// <param name="builder">Where the text goes.</param>
    [InterpolatedStringHandler]
#pragma warning disable CS9113 // The compiler passes the lengths, needed or not.
    public ref struct ReferenceExpressionBuilderInterpolatedStringHandler(
        int literalLength, int formattedCount, ReferenceExpressionBuilder builder)
#pragma warning restore CS9113
    {
        /// <summary>Adds literal text.</summary>
        public readonly void AppendLiteral(string value) => builder.AppendLiteral(value);

        /// <summary>Adds a text that is known already.</summary>
        public readonly void AppendFormatted(string? value) => builder.AppendFormatted(value);

        /// <inheritdoc cref="AppendFormatted(string?)"/>
        public readonly void AppendFormatted(string? value, string format) => builder.AppendFormatted(value, format);

        /// <summary>Adds a hole.</summary>
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => builder.AppendFormatted(valueProvider);

        /// <inheritdoc cref="AppendFormatted{T}(T)"/>
        public readonly void AppendFormatted<T>(T valueProvider, string? format)
            where T : IValueProvider, IManifestExpressionProvider => builder.AppendFormatted(valueProvider, format);

        /// <inheritdoc cref="AppendFormatted{T}(T)"/>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => builder.AppendFormatted(valueProvider.Resource);

        /// <inheritdoc cref="AppendFormatted{T}(T)"/>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format)
            where T : IResource, IValueProvider, IManifestExpressionProvider => builder.AppendFormatted(valueProvider.Resource, format);
    }
}

/// <summary>The formats that a hole may carry, and the escaping of literal braces.</summary>
internal static class HoleFormat
{
    public static string Apply(string value, string format) => format.ToUpperInvariant() switch
    {
        "URI" => Uri.EscapeDataString(value),
        _ => throw new NotSupportedException($"The format '{format}' is not supported. Supported formats are 'uri' (encodes a URI)"),
    };

    // Braces that are doubled already stay as they are.
    public static string EscapeBraces(string text)
    {
        if (text.AsSpan().IndexOfAny('{', '}') < 0)
        {
            return text;
        }

        StringBuilder escaped = new(text.Length + 4);
        for (var i = 0; i < text.Length; i++)
        {
            escaped.Append(text[i]);
            if (text[i] is '{' or '}')
            {
                escaped.Append(text[i]);
                if (i + 1 < text.Length && text[i + 1] == text[i])
                {
                    i++;
                }
            }
        }

        return escaped.ToString();
    }
}
