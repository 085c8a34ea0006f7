using System.ComponentModel.DataAnnotations;
using LogPartitioning.Producer.Ingest.Syslog;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogOptionsTests
{
    [Theory]
    [InlineData("5514", "127.0.0.1:5514")]
    [InlineData("localhost:5514", "127.0.0.1:5514")]
    [InlineData("127.0.0.1:1", "127.0.0.1:1")]
    [InlineData("0.0.0.0:65535", "0.0.0.0:65535")]
    [InlineData("[::1]:514", "[::1]:514")]
    [InlineData("[::]:514", "[::]:514")]
    public void An_address_is_a_port_or_has_one(string text, string expected)
    {
        var options = new SyslogOptions { Tcp = text, Udp = text };
        Assert.Empty(Problems(options));
        Assert.Equal((expected, expected), ($"{options.TcpAddress}", $"{options.UdpAddress}"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_an_address_nothing_listens(string? text)
    {
        var options = new SyslogOptions { Tcp = text, Udp = text };
        Assert.Empty(Problems(options));
        Assert.Null(options.TcpAddress);
        Assert.Null(options.UdpAddress);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:0")]
    [InlineData("localhost:")]
    [InlineData("logs.example:514")]
    [InlineData("::1")]
    [InlineData("tcp://127.0.0.1:514")]
    [InlineData(" 514")]
    public void Any_other_is_named_with_its_setting(string text)
    {
        var problems = Problems(new SyslogOptions { Tcp = text, Udp = text });
        Assert.Equal(2, problems.Count);
        Assert.StartsWith("Producer:Syslog:Tcp must be a port", problems[0], StringComparison.Ordinal);
        Assert.StartsWith("Producer:Syslog:Udp must be a port", problems[1], StringComparison.Ordinal);
        Assert.All(problems, problem => Assert.EndsWith($"; it is {text}.", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_that_is_no_choice_is_named() =>
        Assert.Equal(["Producer:Syslog:Source must be app, host or host/app; it is both."], Problems(new SyslogOptions { Source = "both" }));

    private static List<string> Problems(SyslogOptions options) => [.. options.Validate(new ValidationContext(options)).Select(problem => problem.ErrorMessage!)];
}
