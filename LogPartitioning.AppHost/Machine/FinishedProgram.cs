using System.ComponentModel;
using System.Diagnostics;

namespace LogPartitioning.AppHost.Machine;

/// <summary>A program of this machine that was run to its end.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Errors">What it wrote to standard error.</param>
internal sealed record FinishedProgram(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Runs a program to its end; kills it, with what it started, when <paramref name="cancellationToken"/> is cancelled.</summary>
    /// <exception cref="Win32Exception">It could not be started.</exception>
    public static async Task<FinishedProgram> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        try
        {
            var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return new(process.ExitCode, texts[0], texts[1]);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs a program whose answer decides about the topology; null when it cannot be started or does not end within 5 s.</summary>
    public static FinishedProgram? Ask(string program, params string[] arguments)
    {
        using var timeout = new CancellationTokenSource(AskTimeout);
        try
        {
            return Task.Run(() => RunAsync(new ProcessStartInfo(program, arguments), timeout.Token)).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is OperationCanceledException or Win32Exception or IOException)
        {
            return null;
        }
    }
}
