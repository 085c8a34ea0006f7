using System.Net;
using LogPartitioning.Gateway.Ingress;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Gateway.Ingress;

public sealed class RequestLimitsTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::")]
    [InlineData("::1", "::")]
    public void A_network_of_IPv6_is_one_client(string address, string counted)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
        Assert.Equal(counted, RequestLimits.AddressOf(context));
    }
}
