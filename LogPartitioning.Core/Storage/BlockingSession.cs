using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>A session of the database that another one waits for.</summary>
/// <param name="Pid">Its process id at the server.</param>
/// <param name="Role">Who it is.</param>
/// <param name="Application">What it calls itself.</param>
/// <param name="Since">When its transaction began; null where this role may not see it.</param>
/// <param name="Query">Its last statement, without literals, cut to 200 characters.</param>
internal sealed partial record BlockingSession(int Pid, string Role, string Application, DateTime? Since, string Query)
{
    private const int QueryLength = 200;

    /// <summary>The sessions that the one with this process id waits for now.</summary>
    public static async Task<IReadOnlyList<BlockingSession>> ReadAsync(NpgsqlDataSource database, int waiting, CancellationToken cancellationToken)
    {
        // Zero is a prepared transaction, which has no session.
        await using var command = database.CreateCommand(
            """
            SELECT DISTINCT s.pid, coalesce(s.usename, ''), coalesce(s.application_name, ''), s.xact_start, coalesce(s.query, '')
            FROM unnest(pg_blocking_pids($1)) AS holder(pid) JOIN pg_stat_activity AS s USING (pid)
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = waiting });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sessions = new List<BlockingSession>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sessions.Add(new(
                reader.GetInt32(0),
                reader.GetString(1),
                reader.GetString(2),
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetDateTime(3),
                WithoutLiterals(reader.GetString(4))));
        }

        return sessions;
    }

    /// <summary>For a line of the log.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"session {Pid} of {Role} ({Application}), in its transaction since {(Since is { } at ? $"{at:u}" : "an unknown time")}: {Query}");

    /// <summary>A statement's text with <c>?</c> for each literal, on one line: data is nobody's business in a log.</summary>
    internal static string WithoutLiterals(string query)
    {
        var text = Blanks().Replace(Literals().Replace(query, match => match.Groups["name"].Success ? match.Value : "?"), " ").Trim();
        return text.Length <= QueryLength ? text : text[..QueryLength];
    }

    // A string or a comment may lack its end: the server keeps no more than the beginning of a statement. Quoted names, and digits
    // in names, are none.
    [GeneratedRegex(
        """
        (?<name>"(?:[^"]|"")*"?|(?!(?:[eEbBxXnN]|[uU]&)')[\p{L}_][\p{L}\p{N}_$]*)|(?:[eE]'(?:[^'\\]|''|\\.)*(?:'|\\?\z))|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\z)|\$(?<tag>\w*)\$(?s:.*?)(?:\$\k<tag>\$|\z)|--[^\n]*|/\*(?s:.*?)(?:\*/|\z)|\$?\d[\d.]*(?:[eE][+-]?\d+)?
        """)]
    private static partial Regex Literals();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
