namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>Who may do what. Configuration section <c>ApiKeys</c>.</summary>
internal sealed class ApiKeyOptions
{
    public const string Section = "ApiKeys";

    /// <summary>The keys that are known. Without any, and without <see cref="File"/>, everybody on this machine may do everything.</summary>
    public IList<ApiKeyEntry> Keys { get; set; } = [];

    /// <summary>The full path of a JSON file with further keys; it is read again when it changes.</summary>
    public string? File { get; set; }

    /// <summary>The key that the services and Prometheus show one another, 32 to 512 characters; as it is, not hashed, since it is sent.</summary>
    public string? ServiceKey { get; set; }

    /// <summary>Whether everybody who reaches the service may do everything, where there are no keys and it listens beyond loopback.</summary>
    public bool TrustedNetwork { get; set; }

    /// <summary>Whether keys decide; else only the address does.</summary>
    public bool HasKeys => Keys.Count > 0 || !string.IsNullOrWhiteSpace(File);
}

/// <summary>A key as settings and files give it.</summary>
internal sealed class ApiKeyEntry
{
    /// <summary>What logs call it.</summary>
    public string? Name { get; set; }

    /// <summary>The SHA-256 of the key's UTF-8 bytes, in hexadecimal.</summary>
    public string? Sha256 { get; set; }

    /// <summary>What it may do; of <see cref="Access.Roles.All"/>.</summary>
    public IList<string> Roles { get; set; } = [];

    /// <summary>How many requests a second it may send to one service; unset means that only the limits of the address hold.</summary>
    public int? RequestsPerSecond { get; set; }
}
