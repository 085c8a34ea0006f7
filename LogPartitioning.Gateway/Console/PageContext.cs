using System.Security.Claims;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPartitioning.Gateway.Console;

/// <summary>What a page was asked for, and by whom. The state of a page is its address, so that it can be shared and kept.</summary>
/// <param name="Path">The page's own path.</param>
/// <param name="Query">What stands behind it.</param>
/// <param name="User">Who asks.</param>
public sealed record PageContext(string Path, IQueryCollection Query, ClaimsPrincipal User)
{
    /// <summary>The context of a request for a page.</summary>
    public static PageContext Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new(context.Request.Path, context.Request.Query, context.User);
    }

    /// <summary>Whether the user may change what the system does.</summary>
    public bool MayOperate => User.IsInRole(Roles.Operate);

    /// <summary>A value of the address; null where it is not there, or empty.</summary>
    public string? Text(string name) => Query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>A value that is one of several; the first of these where it is none of them.</summary>
    public string OneOf(string name, params IReadOnlyList<string> values) => Text(name) is { } value && values.Contains(value) ? value : values[0];

    /// <summary>The address of this page with another value.</summary>
    public string With(params IReadOnlyList<(string Name, string? Value)> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var values = Query.ToDictionary(entry => entry.Key, entry => (string?)entry.Value.ToString(), StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            values[name] = value;
        }

        return QueryHelpers.AddQueryString(Path, values.Where(entry => !string.IsNullOrEmpty(entry.Value)));
    }

    /// <summary>Where what changes of this page is streamed from.</summary>
    public string LiveAddress(string page) => QueryHelpers.AddQueryString($"/live/{page}", Query.Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value.ToString())));
}
