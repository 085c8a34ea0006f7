using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// Sends rows by COPY. The client library's own importer checks and awaits each value of each column; here a row is put together in one go
/// and sent with some hundred others, which takes about a quarter off the processor time that a consumer needs for an event.
/// </summary>
internal static class RowCopy
{
    /// <summary>So many bytes are sent at once: few calls, and little memory for each worker.</summary>
    private const int SendAt = 64 * 1024;

    /// <summary>Puts the columns of a record into the buffer, in the statement's order.</summary>
    public delegate void AddColumns(CopyBuffer buffer, in PlacedRecord record);

    /// <summary>Copies the records within the connection's transaction.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="statement">A COPY in binary format.</param>
    /// <param name="records">A row each.</param>
    /// <param name="order">In which order they are sent.</param>
    /// <param name="columns">How many columns a row has.</param>
    /// <param name="add">Adds them.</param>
    /// <param name="cancellationToken">Gives up; the transaction can only be rolled back then.</param>
    /// <exception cref="PostgresException">The server refuses a row.</exception>
    public static async Task RunAsync(
        NpgsqlConnection connection, string statement, IReadOnlyList<PlacedRecord> records, int[] order, short columns, AddColumns add, CancellationToken cancellationToken)
    {
        using var buffer = new CopyBuffer();
        await using var copy = await connection.BeginRawBinaryCopyAsync(statement, cancellationToken);
        try
        {
            buffer.AddHeader();
            foreach (var number in order)
            {
                buffer.AddRow(columns);
                add(buffer, records[number]);
                if (buffer.Written.Length >= SendAt)
                {
                    await copy.WriteAsync(buffer.Written, cancellationToken);
                    buffer.Clear();
                }
            }

            buffer.AddTrailer();
            await copy.WriteAsync(buffer.Written, cancellationToken);
        }
        catch
        {
            // To end it without a word would be to say that all rows were sent.
            try
            {
                await copy.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // The connection broke, and it ended with that. What broke it is what there is to tell.
            }

            throw;
        }
    }
}
