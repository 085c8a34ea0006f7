using System.CommandLine;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Reports;
using Npgsql;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>audit</c>.</summary>
internal static class AuditCommand
{
    public static Command Define()
    {
        var command = new Command(
            "audit",
            "Compare what was acknowledged with what the store holds: lost, duplicated, out of order. Ends with 1 if any is not zero.");
        var files = new Argument<string[]>("LEDGER")
        {
            Description = "Ledgers to audit. [default: all in the ledger folder that were written against this gateway]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        command.Add(files);
        var last = command.Add<bool>("--last", null, "Audit the last run alone.");
        var wait = command.Add(
            "--wait|-w", "time", TimeSpan.FromMinutes(2),
            "How long the consumers may take to catch up; then what is missing counts as lost.", ValueParsers.Duration);
        var (gateway, folder) = command.AddGateway();
        var connection = command.Add<string>(
            "--connection", "string",
            "Read PostgreSQL directly, by a connection string, instead of through the gateway. "
            + "A password is better given in PGPASSWORD than here.");
        var topic = command.Add("--topic", "name", "log-events", "With --connection: the topic.");
        var group = command.Add("--group", "name", "log-processors", "With --connection: the consumer group.");
        var partitions = command.Add("--partitions", "n", 12, "With --connection: partitions of the topic.", ValueParsers.Whole);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            MistakeException.ThrowIfAny(parsed.GetRequiredValue(partitions) < 1 ? ["--partitions must be at least 1."] : []);
            var address = parsed.GetRequiredValue(gateway);
            var paths = parsed.GetValue(files) is { Length: > 0 } named ? named
                : await FindLedgersAsync(parsed.GetRequiredValue(folder).FullName, address.GetLeftPart(UriPartial.Authority), cancellationToken);
            var ledgers = await ReadLedgersAsync(parsed.GetValue(last) ? paths[^1..] : paths, cancellationToken);
            var time = parsed.GetRequiredValue(wait);
            if (parsed.GetValue(connection) is { } text)
            {
                await using var database = Open(text);
                var tables = new PostgresStoredEvents(
                    database, parsed.GetRequiredValue(topic), parsed.GetRequiredValue(group), parsed.GetRequiredValue(partitions));
                return await AuditAsync(tables, ledgers, time, cancellationToken);
            }

            await GatewayHttp.RequireAsync(address, cancellationToken);
            using var http = GatewayHttp.Create(address);
            return await AuditAsync(new GatewayStoredEvents(new GatewayReads(http, TimeProvider.System)), ledgers, time, cancellationToken);
        });
        return command;
    }

    private static NpgsqlDataSource Open(string connection)
    {
        try
        {
            // Not what PGCLIENTENCODING asks for: the store's text is UTF-8.
            return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { ClientEncoding = "UTF8" });
        }
        catch (ArgumentException e)
        {
            // Its message names the keyword that it does not know, never a value.
            throw new MistakeException($"--connection is not a connection string: {e.Message}");
        }
    }

    private static async Task<string[]> FindLedgersAsync(string folder, string gateway, CancellationToken cancellationToken)
    {
        var all = await LedgerReader.ListAsync(folder, cancellationToken);
        var here = all.Where(ledger => ledger.Header.Gateway == gateway).Select(ledger => ledger.Path).ToArray();
        if (here.Length < all.Count)
        {
            Screen.Say($"Left out: {all.Count - here.Length:N0} ledgers of other gateways in {folder}.");
        }

        return here.Length > 0 ? here : throw new MistakeException(
            $"Nothing to audit: {folder} holds no ledger of a run against {gateway}. Send something first: ./load-test.sh");
    }

    private static async Task<List<LedgerContents>> ReadLedgersAsync(string[] paths, CancellationToken cancellationToken)
    {
        var ledgers = new List<LedgerContents>();
        foreach (var path in paths)
        {
            var ledger = await LedgerReader.ReadAsync(path, cancellationToken);
            ledgers.Add(ledger);
            Screen.Say(
                $"{ledger.Header.Kind} of {ledger.Header.StartedAt:yyyy-MM-dd HH:mm:ss}: {ledger.Entries.Count:N0} acknowledged"
                + (ledger.Torn ? ", its last line torn when the client died" : ""));
        }

        return ledgers;
    }

    private static async Task<int> AuditAsync(
        IStoredEvents store, IReadOnlyList<LedgerContents> ledgers, TimeSpan wait, CancellationToken cancellationToken)
    {
        var audit = new Audit(store);
        var judging = audit.RunAsync(ledgers, wait, cancellationToken);
        await ProgressView.ShowAsync(judging, () => (audit.Fraction, audit.Step));
        var report = await judging;
        AuditTable.Show(report, wait);
        return report.Passed ? ExitCodes.Success : ExitCodes.Failed;
    }
}
