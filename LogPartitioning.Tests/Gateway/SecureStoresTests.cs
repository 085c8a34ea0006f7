using System.Text.Json.Nodes;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using StackExchange.Redis;

namespace LogPartitioning.Tests.Gateway;

/// <summary>PostgreSQL and Redis that want TLS, reached by what their connection strings say.</summary>
public sealed class SecureStoresTests
{
    /// <summary>Where the Redis client finds the certificate of an authority that the system does not trust.</summary>
    private const string RedisAuthority = "SERedis_IssuerCertPath";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [PostgresFact]
    public async Task PostgreSQL_is_verified_by_the_authority_of_the_connection_string_and_refused_without_it()
    {
        var server = new PostgresServer(tls: true);
        await server.InitializeAsync();
        try
        {
            var verified = $"{server.ConnectionString("postgres")};SSL Mode=VerifyFull";
            await using var trusting = await GatewayAlone.StartAsync(
                null, ("ConnectionStrings:logs", $"{verified};Root Certificate={server.Certificate!.AuthorityFile}"));
            await SeesAsync(trusting, "logs", "Healthy");
            await using var strange = await GatewayAlone.StartAsync(null, ("ConnectionStrings:logs", verified));
            await SeesAsync(strange, "logs", "Degraded");
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [ServerFact]
    public async Task Redis_is_verified_by_the_authority_of_the_environment_and_refused_without_it()
    {
        using var folder = new TemporaryFolder();
        var certificate = ServerCertificate.CreateIn(folder.Path);
        var port = new LoopbackPorts(random: true).Any();
        using var redis = ChildProgram.Start(
            InstalledServersProbe.Servers.Redis,
            [
                "--port", "0", "--tls-port", $"{port}", "--bind", "127.0.0.1", "--tls-auth-clients", "no", "--tls-cert-file", certificate.CertificateFile,
                "--tls-key-file", certificate.KeyFile, "--tls-ca-cert-file", certificate.AuthorityFile, "--requirepass", "secret", "--save", "", "--dir", folder.Path,
            ]);
        var connection = $"127.0.0.1:{port},ssl=true,password=secret";
        Environment.SetEnvironmentVariable(RedisAuthority, certificate.AuthorityFile);
        try
        {
            await using var trusting = await GatewayAlone.StartAsync(null, ("ConnectionStrings:redis", connection));
            await SeesAsync(trusting, "redis", "Healthy");
        }
        finally
        {
            Environment.SetEnvironmentVariable(RedisAuthority, null);
        }

        // It answers, so it is the certificate that is refused.
        Assert.False(redis.HasExited, redis.Output);
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(connection));
        await redis.KillAsync();
    }

    private static Task<string> SeesAsync(GatewayAlone gateway, string check, string status) => Eventually.SeesAsync(
        $"{check}: {status}",
        async token =>
        {
            using var answer = await gateway.Client.GetAsync(new Uri("/health", UriKind.Relative), token);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(token))!["checks"]![check]!["status"]!.GetValue<string>();
        },
        seen => seen == status,
        Patience);
}
