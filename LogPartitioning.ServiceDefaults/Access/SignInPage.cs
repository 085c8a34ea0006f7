using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>Marks an endpoint that a person looks at: whoever may not is sent where a key can be given, instead of being told in JSON.</summary>
/// <param name="Path">Where that is.</param>
public sealed record SignInPage(string Path)
{
    /// <summary>The address of the page for a request that may not: it has where to go afterwards.</summary>
    internal string AddressFor(HttpContext context, string problem) => $"{Path}{QueryString.Create("to", context.Request.Path + context.Request.QueryString).Add("problem", problem)}";
}
