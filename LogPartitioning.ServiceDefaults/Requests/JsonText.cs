using System.Text.Json;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>The text of a value that a body may have in several forms.</summary>
public static class JsonText
{
    /// <summary>The text; null where the value is none, or has half of a surrogate pair, which no text can hold.</summary>
    public static string? Of(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.String } text)
        {
            return null;
        }

        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
