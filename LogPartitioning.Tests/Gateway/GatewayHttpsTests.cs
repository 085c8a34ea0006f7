using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LogPartitioning.Tests.Servers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.Tests.Gateway;

/// <summary>HTTPS at the gateway, by Kestrel's own settings.</summary>
public sealed class GatewayHttpsTests
{
    [Fact]
    public async Task With_a_certificate_in_kestrels_settings_clients_speak_http2_over_tls()
    {
        using var folder = new TemporaryFolder();
        var certificate = ServerCertificate.CreateIn(folder.Path);
        await using var gateway = await GatewayAlone.StartAsync(
            settings:
            [
                ("Kestrel:Endpoints:Https:Url", "https://127.0.0.1:0"),
                ("Kestrel:Endpoints:Https:Certificate:Path", certificate.CertificateFile),
                ("Kestrel:Endpoints:Https:Certificate:KeyPath", certificate.KeyFile),
            ]);
        var addresses = gateway.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var address = new Uri(Assert.Single(addresses));
        Assert.Equal(Uri.UriSchemeHttps, address.Scheme);

        using var authority = X509CertificateLoader.LoadCertificateFromFile(certificate.AuthorityFile);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        });
        foreach (var version in new[] { HttpVersion.Version20, HttpVersion.Version11 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/alive")) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            try
            {
                using var answer = await client.SendAsync(request);
                Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version));
            }
            catch (HttpRequestException refused)
            {
                // Kestrel binds an endpoint again when its settings or its certificate change: what it was asked at, and where it is now.
                var stopping = gateway.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;
                Assert.Fail($"HTTP/{version} to {address}: {refused}\nIt {(stopping ? "is stopping" : "runs")}, at {string.Join(", ", addresses)}");
            }
        }

        // Who does not know the authority is not talked to, and plain text is not understood.
        using var stranger = new HttpClient();
        var untrusted = await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(new Uri(address, "/alive")));
        Assert.IsType<AuthenticationException>(untrusted.InnerException);
        await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(new Uri($"http://127.0.0.1:{address.Port}/alive")));
    }
}
