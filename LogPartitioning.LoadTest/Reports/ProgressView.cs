using Spectre.Console;

namespace LogPartitioning.LoadTest.Reports;

/// <summary>Shows work while it goes: a bar in a terminal, a plain line now and then elsewhere.</summary>
internal static class ProgressView
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan PlainLine = TimeSpan.FromSeconds(2);

    /// <summary>Waits for the end of <paramref name="work"/>.</summary>
    /// <param name="work">What is shown; its failure is this method's.</param>
    /// <param name="step">How far it is, 0 to 1, and the same in words.</param>
    public static async Task ShowAsync(Task work, Func<(double Fraction, string Text)> step)
    {
        if (Screen.IsTerminal)
        {
            var columns = new ProgressColumn[] { new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn() };
            await AnsiConsole.Progress().Columns(columns).StartAsync(async context =>
            {
                var bar = context.AddTask("", maxValue: 1);
                var goesOn = true;
                while (goesOn)
                {
                    goesOn = await GoesOnAsync(work, Redraw);
                    (bar.Value, var text) = step();
                    bar.Description = Markup.Escape(text);
                }
            });
        }
        else
        {
            while (await GoesOnAsync(work, PlainLine))
            {
                var (fraction, text) = step();
                Screen.Say($"{fraction,4:P0}  {text}");
            }
        }

        await work;
    }

    private static async Task<bool> GoesOnAsync(Task work, TimeSpan pause) =>
        await Task.WhenAny(work, Task.Delay(pause, CancellationToken.None)) != work;
}
