using System.CommandLine;
using LogPartitioning.LoadTest.Commands;
using LogPartitioning.LoadTest.Output;
using LogPartitioning.LoadTest.Sending;
using Npgsql;

var gateway = new GatewayOptions();
var send = new SendCommand(gateway);
var root = new RootCommand(
    "Sends log events through the gateway, and audits that each acknowledged one is stored once and in order. "
    + "Without a command: 10,000 events from 8 sources.");
foreach (var option in send.Options)
{
    root.Add(option);
}

root.SetAction(send.RunAsync);
root.Add(send.Build());
root.Add(new ReplayCommand(gateway).Build());
root.Add(new AuditCommand(gateway).Build());
root.Add(new CheckPartitioningCommand(gateway).Build());

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
