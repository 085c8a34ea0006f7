using LogPartitioning.LoadTest.Load;
using Spectre.Console;

namespace LogPartitioning.LoadTest.Output;

/// <summary>How far a run is, 0 to 1, and its figures.</summary>
internal readonly record struct RunStep(double Fraction, LoadStatistics Statistics);

/// <summary>Shows a run while it goes: a bar in a terminal, a plain line now and then elsewhere.</summary>
internal static class RunProgress
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan PlainLine = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits for a run's end. Cancellation ends it gently: what is in flight is brought to an end first.
    /// </summary>
    public static async Task ShowAsync(
        Task run, Func<RunStep> step, Func<CancellationToken, Task> stop, CancellationToken cancellationToken)
    {
        var stopping = cancellationToken.CanBeCanceled ? StopWhenCancelledAsync(run, stop, cancellationToken) : Task.CompletedTask;
        if (Screen.IsTerminal)
        {
            await ShowBarAsync(run, step, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await ShowLinesAsync(run, step).ConfigureAwait(false);
        }

        await run.ConfigureAwait(false);
        await stopping.ConfigureAwait(false);
    }

    private static async Task StopWhenCancelledAsync(Task run, Func<CancellationToken, Task> stop, CancellationToken cancellationToken)
    {
        try
        {
            await run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested && !run.IsCompleted)
            {
                Screen.Say("Stopping: waiting for what is in flight. Once more to end at once.");
                await stop(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception) when (run.IsFaulted)
        {
            // The run's own failure is told by whoever awaits the run.
        }
    }

    private static async Task ShowBarAsync(Task run, Func<RunStep> step, CancellationToken cancellationToken)
    {
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("acknowledged", maxValue: 1);
                while (true)
                {
                    var now = step();
                    bar.Value = now.Fraction;
                    bar.Description = Markup.Escape(Line(now.Statistics));
                    if (run.IsCompleted)
                    {
                        break;
                    }

                    // A stop is seen through the run's end, not by leaving it.
                    await Task.WhenAny(run, Task.Delay(Redraw, CancellationToken.None)).ConfigureAwait(false);
                }

                if (!cancellationToken.IsCancellationRequested && run.IsCompletedSuccessfully)
                {
                    bar.Value = 1;
                }
            }).ConfigureAwait(false);
    }

    private static async Task ShowLinesAsync(Task run, Func<RunStep> step)
    {
        while (await Task.WhenAny(run, Task.Delay(PlainLine, CancellationToken.None)).ConfigureAwait(false) != run)
        {
            var now = step();
            Screen.Say($"{now.Fraction,4:P0}  {Line(now.Statistics)}");
        }
    }

    private static string Line(LoadStatistics s) =>
        $"{s.Acknowledged:N0} acknowledged, {s.EventsPerSecond:N0}/s"
        + (s.Rejected > 0 ? $", {s.Rejected:N0} rejected" : "")
        + (s.Retried > 0 ? $", {s.Retried:N0} retried" : "")
        + (s.FailedRequests > 0 && s.LastProblem is { } problem ? $" ({Short(problem)})" : "");

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
