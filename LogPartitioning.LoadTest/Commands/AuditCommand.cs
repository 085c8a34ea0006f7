using System.CommandLine;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Output;
using Npgsql;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>audit</c>.</summary>
internal sealed class AuditCommand
{
    private const string PasswordVariable = "PGPASSWORD";

    private readonly GatewayOptions _gateway;
    private readonly Argument<string[]> _files = new("LEDGER")
    {
        Description = "Ledgers to audit. [default: all in the ledger folder that were written against this gateway]",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _last = new("--last")
    {
        Description = "Audit the last run alone.",
    };

    private readonly Option<TimeSpan?> _wait = new("--wait", "-w")
    {
        Description = "How long the consumers may take to catch up; then what is missing counts as lost.",
        HelpName = "time",
        DefaultValueFactory = _ => TimeSpan.FromMinutes(2),
        CustomParser = ValueParsers.Duration,
    };

    private readonly Option<string?> _connection = new("--connection")
    {
        Description = "Read PostgreSQL directly, by a connection string, instead of through the gateway. "
            + $"A password is better given in {PasswordVariable} than here.",
        HelpName = "string",
    };

    private readonly Option<string> _topic = new("--topic")
    {
        Description = "With --connection: the topic.",
        HelpName = "name",
        DefaultValueFactory = _ => "log-events",
    };

    private readonly Option<string> _group = new("--group")
    {
        Description = "With --connection: the consumer group.",
        HelpName = "name",
        DefaultValueFactory = _ => "log-processors",
    };

    private readonly Option<int> _partitions = new("--partitions")
    {
        Description = "With --connection: partitions of the topic.",
        HelpName = "n",
        DefaultValueFactory = _ => 12,
        CustomParser = ValueParsers.Whole,
    };

    public AuditCommand(GatewayOptions gateway) => _gateway = gateway;

    public Command Build()
    {
        var command = new Command(
            "audit",
            "Compare what was acknowledged with what the store holds: lost, duplicated, out of order. Ends with 1 if any is not zero.");
        command.Add(_files);
        foreach (var option in new Option[] { _last, _wait, _gateway.Gateway, _gateway.Ledger, _connection, _topic, _group, _partitions })
        {
            command.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Mistakes.ThrowIfAny(parsed.GetRequiredValue(_partitions) < 1 ? ["--partitions must be at least 1."] : []);
        var gateway = parsed.GetRequiredValue(_gateway.Gateway);
        var ledgers = await ReadLedgersAsync(parsed, gateway, cancellationToken).ConfigureAwait(false);
        var wait = parsed.GetRequiredValue(_wait)!.Value;
        if (parsed.GetValue(_connection) is { } connection)
        {
            var database = Open(connection);
            await using (database.ConfigureAwait(false))
            {
                var store = new PostgresStoredEvents(
                    database, parsed.GetRequiredValue(_topic), parsed.GetRequiredValue(_group), parsed.GetRequiredValue(_partitions));
                return await AuditAsync(store, ledgers, wait, cancellationToken).ConfigureAwait(false);
            }
        }

        await GatewayProbe.RequireAsync(gateway, cancellationToken).ConfigureAwait(false);
        using var stored = new GatewayStoredEvents(gateway);
        return await AuditAsync(stored, ledgers, wait, cancellationToken).ConfigureAwait(false);
    }

    private static NpgsqlDataSource Open(string connection)
    {
        try
        {
            return NpgsqlDataSource.Create(connection);
        }
        catch (ArgumentException e)
        {
            // Its message names the keyword that it does not know, never a value.
            throw new MistakeException($"--connection is not a connection string: {e.Message}");
        }
    }

    private async Task<IReadOnlyList<LedgerContents>> ReadLedgersAsync(ParseResult parsed, Uri gateway, CancellationToken cancellationToken)
    {
        var paths = parsed.GetValue(_files) ?? [];
        if (paths.Length == 0)
        {
            var folder = parsed.GetRequiredValue(_gateway.Ledger).FullName;
            var all = await LedgerReader.ListAsync(folder, cancellationToken).ConfigureAwait(false);
            var here = all.Where(l => l.Gateway == gateway.GetLeftPart(UriPartial.Authority)).ToList();
            if (here.Count < all.Count)
            {
                Screen.Say($"Left out: {all.Count - here.Count:N0} ledgers of other gateways in {folder}.");
            }

            if (here.Count == 0)
            {
                throw new MistakeException(
                    $"Nothing to audit: {folder} holds no ledger of a run against {gateway.GetLeftPart(UriPartial.Authority)}. Send something first: ./load-test.sh");
            }

            paths = [.. here.Select(l => l.Path)];
        }

        if (parsed.GetValue(_last))
        {
            paths = paths[^1..];
        }

        var ledgers = new List<LedgerContents>();
        foreach (var path in paths)
        {
            var ledger = await LedgerReader.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            ledgers.Add(ledger);
            Screen.Say(
                $"{ledger.Kind} of {ledger.StartedAt:yyyy-MM-dd HH:mm:ss}: {ledger.Entries.Count:N0} acknowledged"
                + (ledger.Torn ? ", its last line torn when the client died" : ""));
        }

        return ledgers;
    }

    private static async Task<int> AuditAsync(
        IStoredEvents store, IReadOnlyList<LedgerContents> ledgers, TimeSpan wait, CancellationToken cancellationToken)
    {
        var report = await AuditProgressView.ShowAsync(
            progress => new Audit(store).RunAsync(ledgers, wait, progress, cancellationToken)).ConfigureAwait(false);
        AuditTable.Show(report, wait);
        return report.Passed ? ExitCodes.Success : ExitCodes.Failed;
    }
}
