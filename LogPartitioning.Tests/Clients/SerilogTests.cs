using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;
using Serilog;
using Serilog.Core;

namespace LogPartitioning.Tests.Clients;

/// <summary>Serilog with its sink for Seq, as it comes.</summary>
[Collection(SharedApplication.Name)]
public sealed class SerilogTests(ApplicationFixture fixture)
{
    /// <summary>Events are made over some seconds, so that the producer is killed among them.</summary>
    private const int EventsATurn = 100;

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(80);

    [ServerFact]
    public async Task Everything_is_stored_once_and_in_order_when_the_producer_is_killed()
    {
        var run = new ClientRun(fixture.Application, "serilog");
        var loggers = run.Sources.Select(source => Logger(run.Address, source)).ToList();
        try
        {
            // Disposed of when all is stored: a sink that is disposed of while it fails drops what it has.
            var stored = await run.StoresAllAsync(() => SendAsync(loggers));
            stored.AssertOnce();
            stored.AssertInOrder();
        }
        finally
        {
            foreach (var logger in loggers)
            {
                await logger.DisposeAsync();
            }
        }
    }

    private static async Task SendAsync(List<Logger> loggers)
    {
        using var turns = new PeriodicTimer(s_turn);
        for (var i = 0; i < ClientRun.Events; i++)
        {
            loggers[i % loggers.Count].Warning("Sent {@Order} as event {Number}", new { Id = i }, i);
            if (i % EventsATurn == 0)
            {
                await turns.WaitForNextTickAsync();
            }
        }
    }

    private static Logger Logger(Uri address, string source) => new LoggerConfiguration()
        .Enrich.WithProperty("Application", source)
        .WriteTo.Seq(address.ToString(), batchPostingLimit: 200, period: TimeSpan.FromMilliseconds(100))
        .CreateLogger();
}
