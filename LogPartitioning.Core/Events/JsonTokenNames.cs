using System.Text.Json;

namespace LogPartitioning.Core.Events;

/// <summary>What JSON calls its values, for telling what was found in place of what was wanted.</summary>
internal static class JsonTokenNames
{
    public static string InWords(this JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        _ => "null",
    };
}
