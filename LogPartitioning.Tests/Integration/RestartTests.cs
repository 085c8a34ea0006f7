using Aspire.Hosting.ApplicationModel;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

[Collection(SharedApplication.Name)]
public sealed class RestartTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task A_service_that_is_killed_is_started_again()
    {
        await _application.KillAndSeeAgainAsync("gateway");

        await _application.WaitUntilHealthyAsync("gateway", Patience);
    }

    [ServerFact]
    public async Task A_service_that_was_told_to_stop_stays_stopped()
    {
        await _application.StopAsync("consumer-4");
        try
        {
            // When a service that was killed only after that is back, the stopped one has had its chance.
            await _application.KillAndSeeAgainAsync("consumer-3");

            Assert.Contains(_application.State("consumer-4"), KnownResourceStates.TerminalStates);
        }
        finally
        {
            await _application.StartAsync("consumer-4");
            await _application.WaitUntilHealthyAsync("consumer-3", Patience);
        }
    }
}
