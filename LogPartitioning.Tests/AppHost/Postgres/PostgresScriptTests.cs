using System.Globalization;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.AppHost.Postgres;

/// <summary>The script that runs PostgreSQL, in a folder with an unusual name behind a link, and in a shell full of other servers' variables.</summary>
[Collection(PostgresTests.Name)]
public sealed class PostgresScriptTests : IDisposable
{
    private const string Password = "secret";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Dictionary<string, string> OtherServers = new()
    {
        ["PGPORT"] = "1",
        ["PGDATA"] = "/nonexistent",
        ["PGCLIENTENCODING"] = "WIN1252",
        ["PGDATESTYLE"] = "nothing",
        ["PGOPTIONS"] = "-c nothing=1",
        ["LC_ALL"] = "tr_TR.UTF-8",
        ["POSIXLY_CORRECT"] = "1",
        ["CDPATH"] = "/",
    };

    private readonly TemporaryFolder _parent = new();
    private readonly PostgresServer _other;
    private readonly string _folder;
    private readonly string _link;

    public PostgresScriptTests(PostgresServer other)
    {
        _other = other;
        _folder = Directory.CreateDirectory(_parent.At("a für 'mich' \"b\" [x]*? {{y}} $HOME\\\n\t%41")).FullName;
        _link = _parent.At("link");
        File.CreateSymbolicLink(_link, _folder);
        File.WriteAllText(Path.Combine(_folder, "password"), Password);
    }

    private string PidFile => Path.Combine(_folder, "cluster", "postmaster.pid");

    public void Dispose() => _parent.Dispose();

    [PostgresFact]
    public async Task It_starts_under_odd_variables_and_never_beside_a_server_that_still_runs()
    {
        var (first, port) = Start(_folder);
        await AnswersAsync(first, port);
        var owner = await File.ReadAllTextAsync(PidFile);

        // By another path, while the first one runs.
        var (second, _) = Start(_link, patience: 1);
        Assert.Equal(1, await second.WaitForExitAsync(Patience));
        Assert.Contains($"a server of an earlier run still uses {_link}/cluster after 1 s: stop it first", second.Output, StringComparison.Ordinal);
        Assert.Equal(owner, await File.ReadAllTextAsync(PidFile));
        await AnswersAsync(first, port);

        // At once after the script was killed: its server needs a moment to end, and the next one waits for it.
        await first.SignalAsync("KILL");
        var (third, thirdPort) = Start(_link);
        await AnswersAsync(third, thirdPort);
        await third.SignalAsync("TERM");
        Assert.Equal(0, await third.WaitForExitAsync(Patience));

        // Left by a crash, and its number is another process's by now.
        await File.WriteAllTextAsync(PidFile, $"{Environment.ProcessId}\n/proc/self/fd/9\n1\n1\n\n127.0.0.1\n");
        var (fourth, fourthPort) = Start(_folder);
        await AnswersAsync(fourth, fourthPort);
        await fourth.StopAsync(Patience);
        second.Dispose();
        third.Dispose();
    }

    [PostgresFact]
    public async Task A_server_that_was_started_by_hand_keeps_its_pid_file()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "cluster"), _other.Data);
        var owner = await File.ReadAllTextAsync(PidFile);

        var (script, _) = Start(_folder);

        Assert.Equal(1, await script.WaitForExitAsync(Patience));
        Assert.Contains("says its postmaster.pid: stop it first", script.Output, StringComparison.Ordinal);
        Assert.Equal(owner, await File.ReadAllTextAsync(PidFile));
        script.Dispose();
    }

    private const int Connections = 42;

    private static (ChildProgram Script, int Port) Start(string folder, int patience = 30)
    {
        var port = new LoopbackPorts(random: true).Any();
        string[] arguments = [RepositoryFiles.PathOf("LogPartitioning.AppHost/Postgres/postgres.sh"), PostgresServer.BinFolder!, folder, Text(port), Text(Connections), Text(patience)];
        return (ChildProgram.Start("/bin/sh", arguments, OtherServers, folder), port);
    }

    private static Task<string> AnswersAsync(ChildProgram script, int port) => Eventually.SeesAsync(
        $"PostgreSQL on port {port}",
        async token =>
        {
            Assert.False(script.HasExited, script.Output);
            try
            {
                await using var database = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username=postgres;Password={Password};Database=logs;Pooling=false");
                await using var question = database.CreateCommand("SELECT current_setting('server_encoding') || ' ' || 'Grüße' || ' ' || current_setting('max_connections')");
                return (string)(await question.ExecuteScalarAsync(token))!;
            }
            catch (NpgsqlException e)
            {
                return e.Message;
            }
        },
        answer => answer == $"UTF8 Grüße {Connections}",
        Patience);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
