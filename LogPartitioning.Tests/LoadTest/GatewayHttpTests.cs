using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.Tests.ServiceDefaults.Access;

namespace LogPartitioning.Tests.LoadTest;

public sealed class GatewayHttpTests
{
    [Fact]
    public async Task A_gateway_that_asks_for_a_key_is_told_before_the_run_and_lets_in_who_has_one()
    {
        await using var gateway = await ProtectedService.StartAsync(ProtectedService.Key(0, "writer", "write"));

        var refused = await Assert.ThrowsAsync<GatewayException>(() => GatewayHttp.RequireAsync(gateway.Client.BaseAddress!, CancellationToken.None, "unknown"));
        Assert.EndsWith("asks for a key: set LOGPARTITIONING_API_KEY to one that it knows.", refused.Message, StringComparison.Ordinal);

        await GatewayHttp.RequireAsync(gateway.Client.BaseAddress!, CancellationToken.None, ProtectedService.KeyOf("writer"));
        using var http = GatewayHttp.Create(gateway.Client.BaseAddress!, key: ProtectedService.KeyOf("writer"));
        using var sent = await http.PostAsync(new Uri("write", UriKind.Relative), content: null);
        Assert.True(sent.IsSuccessStatusCode);
    }
}
