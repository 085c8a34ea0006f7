using LogPartitioning.ServiceDefaults.Access;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.ServiceDefaults.Access;

/// <summary>What settings and files of keys must be like.</summary>
public sealed class KeyRulesTests
{
    private static readonly string s_hash = ProtectedService.HashOf("one");

    [Theory]
    [InlineData("", "Name must have 1 to 64 of the characters a-z A-Z 0-9 . _ -, and is \"\".")]
    [InlineData("a b", "Name must have 1 to 64 of the characters a-z A-Z 0-9 . _ -, and is \"a b\".")]
    [InlineData("name\n", "Name must have 1 to 64 of the characters a-z A-Z 0-9 . _ -, and is \"name\n\".")]
    [InlineData("Services", "Name must not be \"Services\", which is the services' own.")]
    public void A_name_is_checked(string name, string problem) => Assert.Equal($"ApiKeys:Keys:0:{problem}", Problem(Entry(name: name)));

    [Theory]
    [InlineData("")]
    [InlineData("the-key-itself-which-somebody-put-there")]
    [InlineData("0123456789abcdef")]
    public void A_hash_is_checked_and_not_repeated(string hash) => Assert.Equal(
        "ApiKeys:Keys:0:Sha256 must be the SHA-256 of the key, 64 hexadecimal digits, and is not; ./run.sh new-key makes a key and its hash.", Problem(Entry(hash: hash)));

    [Fact]
    public void Roles_are_checked()
    {
        Assert.Equal("ApiKeys:Keys:0:Roles must name at least one of write, read, operate.", Problem(Entry(roles: [])));
        Assert.Equal("ApiKeys:Keys:0:Roles must be of write, read, operate, and has \"admin\".", Problem(Entry(roles: ["read", "admin"])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_001)]
    public void A_rate_is_checked(int rate) =>
        Assert.Equal($"ApiKeys:Keys:0:RequestsPerSecond must be between 1 and 1000000, and is {rate}.", Problem(Entry(rate: rate)));

    [Fact]
    public void Names_and_keys_must_differ_over_settings_and_file()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("keys.json");
        File.WriteAllText(file, $$"""{ "keys": [ { "name": "ONE", "sha256": "{{s_hash.ToUpperInvariant()}}", "roles": ["read"] } ] }""");

        var problems = ConfiguredKeys.Read(new() { Keys = [Entry()], File = file }).Problems;

        Assert.Equal([$"{file}: keys:0:Name is \"one\", as is that of ApiKeys:Keys:0; names must differ.", $"{file}: keys:0:Sha256 is that of ApiKeys:Keys:0; each name needs a key of its own."], problems);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("thirty-two characters and a blank")]
    [InlineData("dreißig-Zeichen-und-noch-ein-paar-mehr")]
    public void The_services_key_is_checked_and_not_repeated(string key) => Assert.Equal(
        $"ApiKeys:ServiceKey must have 32 to 512 visible ASCII characters, and has {key.Length} characters.",
        Assert.Single(ConfiguredKeys.Read(new() { ServiceKey = key }).Problems));

    [Theory]
    [InlineData("", "is not as it should be at $ in line 1.")]
    [InlineData("[]", "is not as it should be at $ in line 1.")]
    [InlineData("{}", "names no key.")]
    [InlineData("""{ "keys": [] }""", "names no key.")]
    [InlineData("""{ "keys": [ null ] }""", "has a key or a list of roles that is null.")]
    [InlineData("""{ "keys": [ { "name": "a", "sha265": "x" } ] }""", "is not as it should be at $.keys[0].sha265 in line 1.")]
    [InlineData("""{ "keys": [ { "name": "a", "name": "b" } ] }""", "is not as it should be at $.keys[0].name in line 1.")]
    public void A_file_is_checked(string text, string problem)
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("keys.json");
        File.WriteAllText(file, text);

        Assert.Equal($"ApiKeys:File ({file}) {problem}", Assert.Single(ConfiguredKeys.Read(new() { File = file }).Problems));
    }

    [Theory]
    [InlineData("""{ "keys": [ { "NAME": "a" } ] }""")]
    [InlineData("""{ "keys": [ { "name": "NAME", "roles": ["NAME"] } ] }""")]
    public void A_problem_does_not_repeat_a_text_without_end(string text)
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("keys.json");
        File.WriteAllText(file, text.Replace("NAME", new string('x', 100_000), StringComparison.Ordinal));

        Assert.All(ConfiguredKeys.Read(new() { File = file }).Problems, problem => Assert.InRange(problem.Length, 1, 400));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.StartsWith("ApiKeys:File (/nowhere/keys.json) cannot be read: ", Assert.Single(ConfiguredKeys.Read(new() { File = "/nowhere/keys.json" }).Problems), StringComparison.Ordinal);
        Assert.Equal("ApiKeys:File must be a full path, and is \"keys.json\".", Assert.Single(ConfiguredKeys.Read(new() { File = "keys.json" }).Problems));
    }

    [Theory]
    [InlineData("urls", "http://localhost:8080", "")]
    [InlineData("urls", "http://127.0.0.2:8080;http://[::1]:8080", "")]
    [InlineData("urls", "http://unix:/run/gateway.sock", "")]
    [InlineData("urls", "http://127.0.0.1:8080;http://+:8081", "http://+:8081")]
    [InlineData("urls", "http://0.0.0.0:8080", "http://0.0.0.0:8080")]
    [InlineData("urls", "http://[::]:8080", "http://[::]:8080")]
    [InlineData("urls", "http://10.0.0.7:8080", "http://10.0.0.7:8080")]
    [InlineData("urls", "http://gateway.example:8080", "http://gateway.example:8080")]
    [InlineData("http_ports", "8080;8081", "http://*:8080 http://*:8081")]
    [InlineData("https_ports", "8443", "https://*:8443")]
    [InlineData("Kestrel:Endpoints:Https:Url", "https://*:8443", "https://*:8443")]
    [InlineData("Kestrel:Endpoints:Https:Url", "https://localhost:8443", "")]
    [InlineData("other", "http://0.0.0.0:8080", "")]
    public void Addresses_beyond_loopback_are_told(string setting, string value, string beyond)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();

        Assert.Equal(beyond, string.Join(' ', Listening.BeyondLoopback(configuration)));
    }

    private static ApiKeyEntry Entry(string name = "one", string? hash = null, string[]? roles = null, int? rate = null) =>
        new() { Name = name, Sha256 = hash ?? s_hash, Roles = roles ?? ["read"], RequestsPerSecond = rate };

    private static string Problem(ApiKeyEntry entry) => Assert.Single(ConfiguredKeys.Read(new() { Keys = [entry] }).Problems);
}
