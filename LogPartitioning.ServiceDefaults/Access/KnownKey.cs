using System.Security.Claims;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>A key that is let in, by its hash.</summary>
/// <param name="name">What logs call it.</param>
/// <param name="hash">The SHA-256 of the key.</param>
/// <param name="roles">What it may do.</param>
/// <param name="requestsPerSecond">How many requests a second it may send; null for any number.</param>
internal sealed class KnownKey(string name, byte[] hash, IReadOnlyList<string> roles, int? requestsPerSecond)
{
    /// <summary>Whoever comes where no keys are known: they may do everything.</summary>
    public static KnownKey Nobody { get; } = new("(none)", [], Access.Roles.All, null);

    public string Name { get; } = name;

    public ReadOnlySpan<byte> Hash => hash;

    public IReadOnlyList<string> Roles { get; } = roles;

    public int? RequestsPerSecond { get; } = requestsPerSecond;

    /// <summary>The same for every request, and changed by none.</summary>
    public ClaimsPrincipal Principal { get; } = new(new ClaimsIdentity(
        [new(ClaimTypes.Name, name), .. roles.Select(role => new Claim(ClaimTypes.Role, role))], ApiKeyHandler.Scheme));

    /// <summary>Everything that makes it differ from another.</summary>
    public string Description => $"{Name} {Convert.ToHexString(hash)} {string.Join(',', Roles)} {RequestsPerSecond}";
}
