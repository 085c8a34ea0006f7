using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Contract;

/// <summary>Each endpoint of each service needs exactly one role, or is open on purpose, and docs/security.md says so.</summary>
public sealed partial class EndpointRolesTests
{
    private const string Page = "docs/security.md";
    private static readonly string[] s_open = ["ANY /alive", "ANY /health", "GET /sign-in", "POST /sign-in", "POST /sign-out"];

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("Producer")]
    [InlineData("Consumer")]
    [InlineData("Gateway")]
    public async Task Every_endpoint_has_one_role_and_the_page_tells_it(string name)
    {
        var service = await ServiceInProcess.ObserveAsync($"LogPartitioning.{name}");

        var inCode = service.Endpoints.Zip(service.Roles).ToDictionary(endpoint => endpoint.First, endpoint => endpoint.Second);
        Assert.NotEmpty(inCode);
        Assert.All(inCode, endpoint => Assert.Matches(s_open.Contains(endpoint.Key) ? "^open$" : "^(write|read|operate)$", endpoint.Value));

        var documented = Rows().Matches(RepositoryFiles.Read(Page))
            .Where(row => row.Groups["services"].Value.Split(", ").Contains(name.ToLowerInvariant()))
            .ToDictionary(row => row.Groups["endpoint"].Value, row => row.Groups["role"].Value);
        Assert.True(
            inCode.OrderBy(endpoint => endpoint.Key, StringComparer.Ordinal).SequenceEqual(documented.OrderBy(endpoint => endpoint.Key, StringComparer.Ordinal)),
            $"{Page} and the {name} differ.\nOnly in code: {string.Join("; ", inCode.Except(documented))}\nOnly in {Page}: {string.Join("; ", documented.Except(inCode))}");
    }

    [GeneratedRegex(@"^\| (?<services>[a-z, ]+) \| `(?<endpoint>[A-Z]+ /[^`]*)` \| `?(?<role>\w+)`? \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
