using LogPartitioning.AppHost.Restarts;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Topology;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.Tests.AppHost.Restarts;

public sealed class ServiceExitTests
{
    [Theory]
    [InlineData(CheckedStart.InvalidSettingsExitCode, "a setting is wrong")]
    [InlineData(CheckedStart.WrongStoreExitCode, "it cannot work with the log store as it is")]
    [InlineData(TopologyCheck.WrongTopologyExitCode, "the topics are not as the settings say")]
    public void A_service_that_cannot_start_as_things_are_is_not_tried_again(int exitCode, string reason) =>
        Assert.Equal(reason, ServiceExit.WhyNotAgain(exitCode));

    [Fact]
    public void An_exit_code_says_the_same_of_every_service() => Assert.Equal(TopologyCheck.WrongTopologyExitCode, ConsumerInstance.WrongTopologyExitCode);

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(KafkaClient.FatalErrorExitCode)]
    [InlineData(CheckedStart.FailedServiceExitCode)]
    [InlineData(CheckedStart.AddressInUseExitCode)]
    [InlineData(134)]
    [InlineData(137)]
    [InlineData(-1)]
    public void A_service_that_died_is(int? exitCode) => Assert.Null(ServiceExit.WhyNotAgain(exitCode));

    [Theory]
    [InlineData("")]
    [InlineData("first", "first")]
    [InlineData("last", "first", "last", "", "  ", "[sys] Starting process...: Cmd = x")]
    [InlineData("", "2026-11-27T18:54:17Z [sys] Starting process...: Cmd = x")]
    [InlineData("Unhandled exception. System.Exception: no", "Unhandled exception. System.Exception: no", "   at A.B()", "   --- End of inner exception stack trace ---", "   at C.D()")]
    [InlineData("last", "2026-11-27T18:54:17.6650000Z last")]
    [InlineData("a b", """{"LogLevel":"Warning","Message":"w"}""", """2026-11-27T18:54:17Z {"LogLevel":"Critical","Message":"a"}""", """2026-11-27T18:54:17Z {"LogLevel":"Critical","Message":"b"}""")]
    [InlineData("w", """{"LogLevel":"Critical","Message":"earlier"}""", """{"LogLevel":"Warning","Message":"w"}""")]
    [InlineData("""{"LogLevel":"Crit""", """{"LogLevel":"Crit""")]
    [InlineData("""{"Message":7}""", """{"Message":7}""")]
    public void Its_last_words_are_the_critical_lines_or_the_last(string words, params string[] lines) => Assert.Equal(words, LastWords.Of(lines).Text);

    [Theory]
    [InlineData(false)]
    [InlineData(false, "first")]
    [InlineData(true, "first", """{"LogLevel":"Critical","Message":"a"}""")]
    public void Why_it_gave_up_is_not_said_before_the_critical_line_is_there(bool isCritical, params string[] lines) => Assert.Equal(isCritical, LastWords.Of(lines).IsCritical);

    [Fact]
    public void They_are_not_longer_than_a_person_reads() => Assert.Equal(2001, LastWords.Of([new string('x', 100_000)]).Text.Length);
}
