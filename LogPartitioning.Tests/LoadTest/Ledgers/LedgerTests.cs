using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.Tests.LoadTest.Ledgers;

public sealed class LedgerTests : IDisposable
{
    private static readonly Uri Gateway = new("http://127.0.0.1:8080/some/path");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ledger-");

    [Fact]
    public async Task What_was_appended_is_read_back()
    {
        await using var ledger = await CreateAsync();
        LedgerEntry[] entries = [Entry(ledger, 1), Entry(ledger, 2) with { Key = "a \"b\" \n é-1", Attempts = 3 }];
        var unknown = new UnknownEntry(Guid.CreateVersion7(), "a", 3) { Run = ledger.Run };
        await ledger.AppendAsync(entries, CancellationToken.None);
        await ledger.AppendAsync([unknown], CancellationToken.None);

        var read = await LedgerReader.ReadAsync(ledger.Path, CancellationToken.None);
        Assert.Equal(entries, read.Entries);
        Assert.Equal(unknown, Assert.Single(read.Unknown));
        Assert.Equal((ledger.Run, "send", "http://127.0.0.1:8080", false), (read.Header.Run, read.Header.Kind, read.Header.Gateway, read.Torn));
    }

    [Fact]
    public async Task What_was_appended_is_in_the_file_before_the_ledger_is_closed()
    {
        await using var ledger = await CreateAsync();
        await ledger.AppendAsync([Entry(ledger, 1)], CancellationToken.None);

        // As after a kill: nobody closes or flushes anything any more.
        var copy = Path.Combine(_folder.FullName, "copy");
        File.Copy(ledger.Path, copy);
        Assert.Single((await LedgerReader.ReadAsync(copy, CancellationToken.None)).Entries);
    }

    [Fact]
    public async Task A_torn_last_line_is_left_out_wherever_it_was_cut()
    {
        await using var ledger = await CreateAsync();
        await ledger.AppendAsync([Entry(ledger, 1), Entry(ledger, 2)], CancellationToken.None);
        var whole = await File.ReadAllBytesAsync(ledger.Path);
        var lastLine = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var length = lastLine + 1; length < whole.Length; length++)
        {
            var torn = Path.Combine(_folder.FullName, "torn");
            await File.WriteAllBytesAsync(torn, whole[..length]);
            var read = await LedgerReader.ReadAsync(torn, CancellationToken.None);

            Assert.True(read.Torn, $"cut after {length} of {whole.Length} bytes");
            Assert.Equal(1, Assert.Single(read.Entries).Sequence);
        }
    }

    [Fact]
    public async Task A_damaged_line_in_the_middle_is_an_error_that_names_it()
    {
        await using var ledger = await CreateAsync();
        await ledger.AppendAsync([Entry(ledger, 1), Entry(ledger, 2)], CancellationToken.None);
        var lines = await File.ReadAllLinesAsync(ledger.Path);
        lines[1] = lines[1][..20];
        var damaged = Path.Combine(_folder.FullName, "damaged");
        await File.WriteAllTextAsync(damaged, string.Join('\n', lines) + "\n");

        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LedgerReader.ReadAsync(damaged, CancellationToken.None));
        Assert.Contains("line 2", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData("{\"ledger\":99}\n")]
    [InlineData("[1]\n")]
    [InlineData("{\"ledger\":1,\"run\":\"torn")]
    public async Task Another_file_is_not_taken_for_a_ledger(string content)
    {
        var path = Path.Combine(_folder.FullName, "x" + Ledger.Extension);
        await File.WriteAllTextAsync(path, content);

        await Assert.ThrowsAsync<InvalidDataException>(() => LedgerReader.ReadAsync(path, CancellationToken.None));
        Assert.Empty(await LedgerReader.ListAsync(_folder.FullName, CancellationToken.None));
    }

    [Fact]
    public async Task Ledgers_are_listed_oldest_first()
    {
        var now = new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);
        await using var second = await Ledger.CreateAsync(_folder.FullName, "replay", Gateway, now.AddMinutes(1), CancellationToken.None);
        await using var first = await Ledger.CreateAsync(_folder.FullName, "send", Gateway, now, CancellationToken.None);

        var listed = await LedgerReader.ListAsync(_folder.FullName, CancellationToken.None);
        Assert.Equal([first.Run, second.Run], listed.Select(l => l.Header.Run));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_holds_no_ledger() =>
        Assert.Empty(await LedgerReader.ListAsync(Path.Combine(_folder.FullName, "none"), CancellationToken.None));

    [Fact]
    public async Task Many_writers_do_not_mix_their_lines()
    {
        await using var ledger = await CreateAsync();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 40),
            async (i, token) => await ledger.AppendAsync([Entry(ledger, (2 * i) + 1), Entry(ledger, (2 * i) + 2)], token));

        var read = await LedgerReader.ReadAsync(ledger.Path, CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 80).Select(i => (long)i), read.Entries.Select(e => e.Sequence).Order());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static LedgerEntry Entry(Ledger ledger, long sequence) =>
        new(Guid.CreateVersion7(), "a", sequence, 3, 100 + sequence, null, 1, LedgerEntry.MessageHash($"m{sequence}")) { Run = ledger.Run };

    private Task<Ledger> CreateAsync() =>
        Ledger.CreateAsync(_folder.FullName, "send", Gateway, DateTimeOffset.UtcNow, CancellationToken.None);
}
