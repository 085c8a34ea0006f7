using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>A policy for each role, and what holds where no role is named.</summary>
internal static class Policies
{
    public static void Add(AuthorizationOptions options)
    {
        foreach (var role in Roles.All)
        {
            options.AddPolicy(role, policy => policy.RequireRole(role));
        }

        // A path that does not exist is told so to whoever shows a key; an endpoint that names no role was forgotten, and stays shut for every key.
        options.FallbackPolicy = new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(static context => context.Resource is HttpContext http && (http.GetEndpoint() is not RouteEndpoint || http.Features.Get<KnownKey>() == KnownKey.Nobody))
            .Build();
    }
}
