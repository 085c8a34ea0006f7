using System.Text.Json;
using System.Text.Json.Serialization;
using LogPartitioning.Core;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>A file with keys: <c>{ "keys": [ { "name": "shop", "sha256": "…", "roles": ["write"] } ] }</c>.</summary>
internal static class KeyFile
{
    private const int MaxBytes = 1024 * 1024;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        // A misspelt limit must not be none.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.Strict,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The keys of the file, or what is wrong with it.</summary>
    public static (IReadOnlyList<ApiKeyEntry> Keys, string? Problem) Read(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return ([], $"{ApiKeyOptions.Section}:File must be a full path, and is \"{path}\".");
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MaxBytes)
            {
                return ([], Problem($"has more than {MaxBytes} bytes"));
            }

            var content = JsonSerializer.Deserialize<Content>(stream, s_json);
            return content?.Keys is not { Count: > 0 } keys ? ([], Problem("names no key"))
                : keys.Any(key => key?.Roles is null) ? ([], Problem("has a key or a list of roles that is null"))
                : ([.. keys.OfType<ApiKeyEntry>()], null);
        }
        catch (JsonException e)
        {
            return ([], Problem($"is not as it should be at {NearestName.Cut(e.Path ?? "$")} in line {e.LineNumber + 1}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ([], Problem($"cannot be read: {e.Message.TrimEnd('.')}"));
        }

        string Problem(string what) => $"{ApiKeyOptions.Section}:File ({path}) {what}.";
    }

    private sealed record Content(IReadOnlyList<ApiKeyEntry?>? Keys);
}
