using LogPartitioning.LoadTest.Auditing;
using Spectre.Console;

namespace LogPartitioning.LoadTest.Output;

/// <summary>Shows an audit while it goes.</summary>
internal static class AuditProgressView
{
    private static readonly TimeSpan PlainLine = TimeSpan.FromSeconds(2);

    public static async Task<AuditReport> ShowAsync(Func<IProgress<AuditProgress>, Task<AuditReport>> audit)
    {
        if (!Screen.IsTerminal)
        {
            return await audit(new PlainLines(TimeProvider.System)).ConfigureAwait(false);
        }

        return await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("audit", maxValue: 1);
                var report = await audit(new Bar(bar)).ConfigureAwait(false);
                bar.Description = "audited";
                bar.Value = 1;
                return report;
            }).ConfigureAwait(false);
    }

    private sealed class Bar(ProgressTask bar) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value)
        {
            bar.Description = Markup.Escape(value.Step);
            bar.Value = value.Total == 0 ? 0 : (double)value.Done / value.Total;
        }
    }

    private sealed class PlainLines(TimeProvider time) : IProgress<AuditProgress>
    {
        private long _lastAt = time.GetTimestamp();

        public void Report(AuditProgress value)
        {
            if (time.GetElapsedTime(_lastAt) >= PlainLine)
            {
                _lastAt = time.GetTimestamp();
                Screen.Say($"{value.Done:N0} of {value.Total:N0} found, {value.Step}");
            }
        }
    }
}
