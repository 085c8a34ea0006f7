using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The key that a request shows: in a header, never in the address, which ends up in logs.</summary>
internal static class ShownKey
{
    public const string Header = "X-Api-Key";

    /// <summary>Where clients of Seq show it, which have no other header.</summary>
    public const string SeqHeader = "X-Seq-ApiKey";

    private const string Bearer = "Bearer ";

    /// <summary>The key; null where none is shown, or where <paramref name="problem"/> says what is wrong.</summary>
    public static string? Of(HttpRequest request, out string? problem)
    {
        var own = request.Headers[Header] is { Count: > 0 } usual ? usual : request.Headers[SeqHeader];
        var authorization = request.Headers.Authorization;
        problem = own.Count > 1 ? $"{Header} stands more than once." : authorization.Count > 1 ? "Authorization stands more than once." : null;
        if (problem is not null)
        {
            return null;
        }

        var bearer = authorization.ToString() is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..].Trim() : null;
        var shown = own.Count == 1 ? own.ToString().Trim() : bearer;
        problem =
            own.Count == 1 && bearer is not null && bearer != shown ? $"{Header} and Authorization show different keys."
            : shown is null && authorization.Count == 1 ? "Authorization must be \"Bearer\" and the key."
            : shown is { Length: 0 or > KeyRules.MaxKeyLength } ? $"A key has 1 to {KeyRules.MaxKeyLength} characters."
            : null;
        return problem is null ? shown : null;
    }
}
