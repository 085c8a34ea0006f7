using LogPartitioning.Tests.Processes;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.Tests.ServiceDefaults.Access;

/// <summary>The services as programs: what they say when they do not start for want of right keys.</summary>
[Trait("Category", "Slow")]
public sealed class RefusedStartTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("Producer")]
    [InlineData("Consumer")]
    [InlineData("Gateway")]
    public async Task Without_keys_a_service_that_others_could_reach_says_so_in_a_line_and_ends(string service)
    {
        var lines = await LinesOfAsync(service, "--urls=http://0.0.0.0:0");

        Assert.Contains("It listens on http://0.0.0.0:0, which others can reach, and ApiKeys names no key.", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_keys_are_told_all_at_once_a_line_each()
    {
        var lines = await LinesOfAsync(
            "Gateway", "--urls=http://127.0.0.1:0", "--ApiKeys:Keys:0:Name=a", "--ApiKeys:Keys:0:Sha256=1", "--ApiKeys:Keys:0:Roles:0=admin", "--ApiKeys:File=/nowhere/keys.json");

        Assert.Equal(3, lines.Count);
        Assert.Contains(lines, line => line.Contains("ApiKeys:File (/nowhere/keys.json) cannot be read", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("ApiKeys:Keys:0:Sha256 must be", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("has \\u0022admin\\u0022", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_a_line_and_no_stack_trace()
    {
        using var folder = new TemporaryFolder();
        var lines = await LinesOfAsync(
            "Gateway",
            "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
            $"--Kestrel:Endpoints:Https:Certificate:Path={folder.At("gateway.crt")}",
            $"--Kestrel:Endpoints:Https:Certificate:KeyPath={folder.AddFile("gateway.key")}");

        Assert.Contains($"Kestrel:Endpoints:Https:Certificate:Path ({folder.At("gateway.crt")}) and :KeyPath", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_for_HTTPS_without_a_certificate_is_a_line_too()
    {
        var lines = await LinesOfAsync("Gateway", "--Kestrel:Endpoints:Public:Url=https://127.0.0.1:0");

        Assert.Contains("Kestrel:Endpoints:Public:Url (https://127.0.0.1:0) needs a certificate", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_setting_of_a_key_is_told_with_the_nearest()
    {
        var lines = await LinesOfAsync(
            "Gateway", "--ApiKeys:Keys:0:Name=a", $"--ApiKeys:Keys:0:Sha256={new string('a', 64)}", "--ApiKeys:Keys:0:Roles:0=read", "--ApiKeys:Keys:0:RequestPerSecond=5", "--ApiKeys:TrustNetwork=true");

        Assert.Equal(2, lines.Count);
        Assert.Contains(lines, line => line.Contains("ApiKeys:Keys:0:RequestPerSecond is not a setting; the nearest is RequestsPerSecond", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("ApiKeys:TrustNetwork is not a setting; the nearest is TrustedNetwork", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> LinesOfAsync(string service, params string[] arguments)
    {
        var name = $"LogPartitioning.{service}";
        using var program = ChildProgram.Start(
            Path.Combine(AppContext.BaseDirectory.Replace("LogPartitioning.Tests", name, StringComparison.Ordinal), name),
            ["--ConnectionStrings:kafka=127.0.0.1:1", "--ConnectionStrings:logs=Host=127.0.0.1;Port=1", "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false", .. arguments]);

        Assert.Equal(CheckedStart.InvalidSettingsExitCode, await program.WaitForExitAsync(s_patience));

        return [.. program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
