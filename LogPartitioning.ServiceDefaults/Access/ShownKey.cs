using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The key that a request shows: in a header, or a browser's in a cookie; never in the address, which ends up in logs.</summary>
internal static class ShownKey
{
    public const string Header = "X-Api-Key";

    /// <summary>Where clients of Seq show it, which have no other header.</summary>
    public const string SeqHeader = "X-Seq-ApiKey";

    /// <summary>More than a key of the largest size needs, with a name before it.</summary>
    private const int MaxBase64Bytes = 2 * KeyRules.MaxKeyLength;

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

        // A browser that was once given a password sends it with whatever any page has it send: such a key may write and nothing else.
        var mayBeBasic = request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy == Roles.Write;
        var authorized = InAuthorization(authorization.ToString(), mayBeBasic);
        var shown = own.Count == 1 ? own.ToString().Trim() : authorized;
        problem =
            own.Count == 1 && authorized is not null && authorized != shown ? $"{Header} and Authorization show different keys."
            : shown is null && authorization.Count == 1 ? $"Authorization must be \"Bearer\" or \"ApiKey\" and the key{(mayBeBasic ? ", or \"Basic\" with the key as the password" : "")}."
            : shown is { Length: 0 or > KeyRules.MaxKeyLength } ? $"A key has 1 to {KeyRules.MaxKeyLength} characters."
            : null;
        return problem is null ? shown ?? KeyCookie.Of(request) : null;
    }

    /// <summary>The key in the forms that clients have for it; null where it is in none of them.</summary>
    private static string? InAuthorization(string header, bool mayBeBasic)
    {
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
        {
            return null;
        }

        var (scheme, shown) = (header[..space], header[space..].Trim());
        // Some clients of Elasticsearch write behind "ApiKey" what they are given, and some the name of a key and the key, in base64.
        // Whoever "Basic" names: the key says who it is.
        return scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? shown
            : scheme.Equals("ApiKey", StringComparison.OrdinalIgnoreCase) ? BehindName(shown) ?? shown
            : mayBeBasic && scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) ? BehindName(shown)
            : null;
    }

    /// <summary>What stands behind the first colon of a text in base64; null where it is no such text.</summary>
    private static string? BehindName(string base64)
    {
        Span<byte> bytes = stackalloc byte[MaxBase64Bytes];
        if (base64.Length > MaxBase64Bytes || !Convert.TryFromBase64String(base64, bytes, out var length) || bytes[..length].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return null;
        }

        var colon = bytes[..length].IndexOf((byte)':');
        return colon < 0 ? null : Encoding.ASCII.GetString(bytes[(colon + 1)..length]);
    }
}
