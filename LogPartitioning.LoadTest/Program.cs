using System.CommandLine;
using LogPartitioning.LoadTest.Commands;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Reports;
using Npgsql;

var root = new RootCommand(
    "Sends log events through the gateway, and audits that each acknowledged one is stored once and in order. "
    + "Without a command: 10,000 events from 8 sources.");
SendCommand.Define(root);
root.Add(SendCommand.Define(new Command("send", "Send made-up events through the gateway (the default).")));
root.Add(SendFilesCommand.Define());
root.Add(AuditCommand.Define());
root.Add(CheckPartitioningCommand.Define());

var parsed = root.Parse(args);
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
