using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using LogPartitioning.Tests.Gateway;

namespace LogPartitioning.Tests.Documentation;

/// <summary>docs/api.md and the gateway's OpenAPI document name the same endpoints.</summary>
public sealed partial class ApiPageTests
{
    [Fact]
    public async Task Every_endpoint_of_the_gateway_has_its_section_and_every_section_its_endpoint()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        var document = await gateway.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var served =
            from path in document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select $"{operation.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}";

        var headings = RepositoryFiles.Read("docs/api.md").Split('\n').Where(line => line.StartsWith("### ", StringComparison.Ordinal));
        var described = headings.SelectMany(line => Endpoints().Matches(line)).Select(endpoint => endpoint.Value);

        Assert.Equal(served.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"(?:GET|POST|PUT|DELETE) /[\w/{}-]+")]
    private static partial Regex Endpoints();
}
