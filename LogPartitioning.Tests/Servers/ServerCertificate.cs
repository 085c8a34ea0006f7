using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LogPartitioning.Tests.Servers;

/// <summary>A certificate for a server on loopback and the authority that signed it, which nobody trusts who is not told to.</summary>
internal sealed class ServerCertificate
{
    private ServerCertificate(string folder)
    {
        AuthorityFile = Path.Combine(folder, "ca.crt");
        CertificateFile = Path.Combine(folder, "server.crt");
        KeyFile = Path.Combine(folder, "server.key");
        KeyAndCertificateFile = Path.Combine(folder, "server.pem");
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>The server's certificate.</summary>
    public string CertificateFile { get; }

    /// <summary>The server's key, PKCS #8.</summary>
    public string KeyFile { get; }

    /// <summary>Key and certificate in one file.</summary>
    public string KeyAndCertificateFile { get; }

    /// <summary>Writes the files, all as PEM.</summary>
    public static ServerCertificate CreateIn(string folder)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        using var authorityKey = RSA.Create(2048);
        var authority = new CertificateRequest("CN=Authority of the tests", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        authority.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        authority.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authority.PublicKey, critical: false));
        using var signed = authority.CreateSelfSigned(from, to);

        using var key = RSA.Create(2048);
        var server = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        server.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = server.Create(signed, from, to, RandomNumberGenerator.GetBytes(8));

        var files = new ServerCertificate(folder);
        File.WriteAllText(files.AuthorityFile, signed.ExportCertificatePem());
        File.WriteAllText(files.CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(files.KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(files.KeyAndCertificateFile, $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(files.KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.SetUnixFileMode(files.KeyAndCertificateFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return files;
    }
}
