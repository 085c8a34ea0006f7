using System.Net;
using LogPartitioning.Gateway.Console;
using LogPartitioning.Tests.ServiceDefaults.Access;

namespace LogPartitioning.Tests.Gateway.Console;

/// <summary>Where keys are set up, a person gives one to the page.</summary>
public sealed class SignInTests
{
    private static readonly (string, string)[] s_keys =
    [
        .. ProtectedService.Key(0, "writer", "write").Concat(ProtectedService.Key(1, "reader", "read")).Concat(ProtectedService.Key(2, "operator", "read", "operate"))
            .Append(new("ApiKeys:ServiceKey", "a-key-that-the-services-show-each-other")).Select(setting => (setting.Key, setting.Value!)),
    ];

    [Fact]
    public async Task A_page_sends_whoever_shows_no_key_to_where_one_can_be_given()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, s_keys);
        using var client = Client(gateway);

        using var page = await client.GetAsync("/partitions?sort=lag");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal("/sign-in?to=%2Fpartitions%3Fsort%3Dlag&problem=", page.Headers.Location?.OriginalString);
        using var form = await client.GetAsync(page.Headers.Location);
        Assert.Contains("name=\"to\" value=\"/partitions?sort=lag\"", await form.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // A program is told in its own words, as before.
        using var api = await client.GetAsync("/api/overview");
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        using var live = await client.GetAsync("/live/overview");
        Assert.Equal(HttpStatusCode.Unauthorized, live.StatusCode);
    }

    [Fact]
    public async Task A_key_given_once_opens_the_pages_and_what_they_load_until_it_is_given_back()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, s_keys);
        using var client = Client(gateway);
        using var given = await client.PostAsync("/sign-in", Form(ProtectedService.KeyOf("reader"), "/scaling"));
        Assert.Equal("/scaling", given.Headers.Location?.OriginalString);
        Assert.Matches("(?i)^logpartitioning-key=.*; path=/; samesite=lax; httponly$", Assert.Single(given.Headers.GetValues("Set-Cookie")));

        using var page = await client.GetAsync("/scaling");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("Sign out reader", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var api = await client.GetAsync("/api/overview");
        Assert.Equal(HttpStatusCode.OK, api.StatusCode);

        using var back = await client.PostAsync("/sign-out", null);
        using var after = await client.GetAsync("/api/overview");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("cross-site", HttpStatusCode.Unauthorized)]
    [InlineData("same-site", HttpStatusCode.Unauthorized)]
    [InlineData("same-origin", HttpStatusCode.BadRequest)]
    public async Task Only_a_page_of_its_own_changes_anything_with_the_browsers_key(string? from, HttpStatusCode status)
    {
        await using var gateway = await GatewayAlone.StartAsync(null, s_keys);
        using var client = Client(gateway);
        using var given = await client.PostAsync("/sign-in", Form(ProtectedService.KeyOf("operator"), "/"));

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/consumer/halted/resume") { Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json") };
        if (from is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", from);
        }

        using var answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("unknown-key", "The key is not known here.")]
    [InlineData("writer", "does not have the role read")]
    public async Task A_key_that_will_not_do_is_told_on_the_page(string key, string problem)
    {
        await using var gateway = await GatewayAlone.StartAsync(null, s_keys);
        using var client = Client(gateway);
        using var given = await client.PostAsync("/sign-in", Form(key == "writer" ? ProtectedService.KeyOf(key) : key, "/"));

        using var page = await client.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        using var form = await client.GetAsync(page.Headers.Location);
        Assert.Contains(problem, WebUtility.HtmlDecode(await form.Content.ReadAsStringAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/logs?source=a", "/logs?source=a")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example/", "/")]
    [InlineData("/\\elsewhere.example/", "/")]
    [InlineData("/sign-in?to=/", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void Where_it_goes_on_is_a_page_of_its_own(string? to, string path) => Assert.Equal(path, SignIn.LocalPath(to));

    private static HttpClient Client(GatewayAlone gateway) =>
        new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = gateway.Client.BaseAddress };

    private static FormUrlEncodedContent Form(string key, string to) => new(new Dictionary<string, string> { ["key"] = key, ["to"] = to });
}
