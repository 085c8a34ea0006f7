using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The certificates that Kestrel's settings name, tried before Kestrel does, which would show what is wrong as a stack trace.</summary>
internal static class ServerCertificates
{
    /// <summary>What is wrong with them, a sentence each.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="folder">Where a relative path starts.</param>
    public static IEnumerable<string> Problems(IConfiguration configuration, string folder) =>
        configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint.GetSection("Certificate"))
            .Concat(configuration.GetSection("Kestrel:Certificates").GetChildren())
            .Where(certificate => certificate["Path"] is not null)
            .Select(certificate => Problem(certificate, folder))
            .OfType<string>()
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Where(endpoint => LacksCertificate(endpoint, configuration)).Select(endpoint =>
                $"{endpoint.Path}:Url ({endpoint["Url"]}) needs a certificate: {endpoint.Path}:Certificate:Path, and :KeyPath where it is PEM."));

    /// <summary>What developers have for trying things out is none: which one is shown must not depend on what is found on the machine.</summary>
    private static bool LacksCertificate(IConfigurationSection endpoint, IConfiguration configuration) =>
        endpoint["Url"]?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true
        && !endpoint.GetSection("Certificate").GetChildren().Any()
        && !endpoint.GetSection("Sni").GetChildren().Any()
        && !configuration.GetSection("Kestrel:Certificates:Default").GetChildren().Any();

    private static string? Problem(IConfigurationSection settings, string folder)
    {
        var path = Path.Combine(folder, settings["Path"]!);
        var keyPath = settings["KeyPath"] is { } key ? Path.Combine(folder, key) : null;
        try
        {
            using var certificate = keyPath is null ? X509CertificateLoader.LoadPkcs12FromFile(path, settings["Password"]) : WithKey(path, keyPath, settings["Password"]);
            return certificate.HasPrivateKey ? null : $"{settings.Path}:Path ({path}) has no key.";
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return keyPath is null
                ? $"{settings.Path}:Path ({path}) cannot be used as PKCS #12; a PEM certificate needs {settings.Path}:KeyPath. {e.Message}"
                : $"{settings.Path}:Path ({path}) and :KeyPath ({keyPath}) cannot be used. {e.Message}";
        }
    }

    private static X509Certificate2 WithKey(string path, string keyPath, string? password)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(path);
        var key = File.ReadAllText(keyPath);
        return password is null
            ? X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), key)
            : X509Certificate2.CreateFromEncryptedPem(certificate.ExportCertificatePem(), key, password);
    }
}
