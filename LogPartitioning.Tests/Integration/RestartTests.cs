using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;

namespace LogPartitioning.Tests.Integration;

[Collection(SharedApplication.Name)]
public sealed class RestartTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly RunningApplication _application = fixture.Application;

    [ServerTheory]
    [InlineData("consumer-1")]
    [InlineData("gateway")]
    public async Task A_service_that_is_killed_is_started_again(string service)
    {
        var before = _application.ProcessId(service);

        Kill(before);

        await SeesOtherProcessAsync(service, before);
        await _application.WaitUntilHealthyAsync(service, Patience);
    }

    [ServerFact]
    public async Task A_service_that_was_told_to_stop_stays_stopped()
    {
        await _application.StopAsync("consumer-4");
        try
        {
            // When a service that was killed only after that is back, the stopped one has had its chance.
            var before = _application.ProcessId("consumer-3");
            Kill(before);
            await SeesOtherProcessAsync("consumer-3", before);

            Assert.Contains(_application.State("consumer-4"), KnownResourceStates.TerminalStates);
        }
        finally
        {
            await _application.StartAsync("consumer-4");
            await _application.WaitUntilHealthyAsync("consumer-3", Patience);
        }
    }

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    private async Task SeesOtherProcessAsync(string service, int before) =>
        await Eventually.SeesAsync(
            $"{service} running as another process than {before}",
            _ => Task.FromResult((State: _application.State(service), ProcessId: _application.ProcessIdOrNull(service))),
            seen => seen.State == KnownResourceStates.Running && seen.ProcessId is { } now && now != before,
            Patience);
}
