using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>Tells who sends a request by the key that it shows, and answers those that may not.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    KeyRing ring,
    IOptionsMonitor<ApiKeyOptions> settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "ApiKey";

    /// <summary>Where a person gives a key; null where a program asks.</summary>
    private SignInPage? SignInPage => Context.GetEndpoint()?.Metadata.GetMetadata<SignInPage>();

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var problem = (await HandleAuthenticateOnceSafeAsync()).Failure?.Message;
        if (SignInPage is { } page)
        {
            Response.Redirect(page.AddressFor(Context, problem ?? ""));
            return;
        }

        Response.Headers.WWWAuthenticate = problem is null ? "Bearer realm=\"LogPartitioning\"" : "Bearer realm=\"LogPartitioning\", error=\"invalid_token\"";
        await Results.Problem(
                $"{problem ?? "No key was sent."} Send one as \"Authorization: Bearer <key>\" or \"{ShownKey.Header}: <key>\".",
                statusCode: StatusCodes.Status401Unauthorized,
                title: "A key is needed.")
            .ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var role = Context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy;
        if (SignInPage is { } page)
        {
            Response.Redirect(page.AddressFor(Context, $"The key \"{Context.User.Identity?.Name}\" does not have the role {role}."));
            return Task.CompletedTask;
        }

        return Results.Problem(
                role is null
                    ? "No role is named for this, so no key is let in."
                    : $"This needs the role {role}, and the key \"{Context.User.Identity?.Name}\" does not have it.",
                statusCode: StatusCodes.Status403Forbidden,
                title: "The key lacks a role.",
                extensions: role is null ? null : [KeyValuePair.Create<string, object?>("role", role)])
            .ExecuteAsync(Context);
    }

    private AuthenticateResult Authenticate()
    {
        if (ring.IsOpen)
        {
            // The start was refused where settings name another address; this holds however the service came to listen there.
            return settings.CurrentValue.TrustedNetwork ? Success(KnownKey.Nobody)
                : !IsThisMachine(Context.Connection.LocalIpAddress) ? AuthenticateResult.Fail("No keys are known here, so only this machine is let in.")
                : !HostNames.IsLocal(Request.Host.Host) ? AuthenticateResult.Fail("No keys are known here, so this answers to local names alone, such as localhost.")
                : Success(KnownKey.Nobody);
        }

        var shown = ShownKey.Of(Request, out var problem);
        return problem is not null ? AuthenticateResult.Fail(problem)
            : shown is null ? AuthenticateResult.NoResult()
            : ring.Find(shown) is { } key ? Success(key)
            : AuthenticateResult.Fail("The key is not known here.");
    }

    private AuthenticateResult Success(KnownKey key)
    {
        Context.Features.Set(key);
        return AuthenticateResult.Success(new(key.Principal, Scheme));
    }

    /// <summary>A request without an address came over a socket of this machine.</summary>
    private static bool IsThisMachine(IPAddress? address) =>
        address is null || IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
