using System.CommandLine;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Reports;
using Npgsql;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>The program's commands, and what it ends with.</summary>
internal static class CommandLine
{
    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Define().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                Screen.Mistake(error.Message);
            }

            Screen.Mistake("See --help.");
            return ExitCodes.CannotRun;
        }

        try
        {
            // No time limit after Ctrl+C: what is in flight is brought to an end, so that its outcome is known. A second one
            // ends the program.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(10) });
        }
        catch (Exception e) when (e is MistakeException or GatewayException or InvalidDataException or IOException or UnauthorizedAccessException or NpgsqlException)
        {
            Screen.Mistake(e.Message);
            return ExitCodes.CannotRun;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static RootCommand Define()
    {
        var root = new RootCommand(
            "Sends log events through the gateway, and audits that each acknowledged one is stored once and in order. "
            + "Without a command: 10,000 events from 8 sources.");
        SendCommand.Define(root);
        root.Add(SendCommand.Define(new Command("send", "Send made-up events through the gateway (the default).")));
        root.Add(SendFilesCommand.Define());
        root.Add(AuditCommand.Define());
        root.Add(CheckPartitioningCommand.Define());
        return root;
    }
}
