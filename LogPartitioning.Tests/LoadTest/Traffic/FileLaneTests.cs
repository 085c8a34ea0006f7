using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.Tests.LoadTest.Traffic;

public sealed class FileLaneTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("replay-");
    private FileTraffic _traffic = new([]);

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\nb", new[] { "a", "b" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("a\r\n\r\n\nb", new[] { "a", "", "", "b" })]
    [InlineData("\n", new[] { "" })]
    [InlineData("a\rb\n", new[] { "a\rb" })]
    [InlineData("a\r\r\nb", new[] { "a\r", "b" })]
    [InlineData("a\nb\r", new[] { "a", "b\r" })]
    [InlineData("  a \t\n", new[] { "  a \t" })]
    [InlineData("é \"quoted\" \\ \u2028 \u0001 \U0001F600\n", new[] { "é \"quoted\" \\ \u2028 \u0001 \U0001F600" })]
    [InlineData("\uFEFFa\n\uFEFFb\n", new[] { "a", "\uFEFFb" })]
    public async Task A_line_is_what_stands_before_its_line_end(string content, string[] expected)
    {
        var events = await ReadAsync(Encoding.UTF8.GetBytes(content));

        Assert.Equal(expected, events.Select(e => e.Message));
        Assert.Equal(Enumerable.Range(1, expected.Length).Select(i => (long)i), events.Select(e => e.Sequence));
        Assert.All(events, e => Assert.Equal("Apache", e.Source));
    }

    [Fact]
    public async Task Lines_across_reads_of_the_file_are_whole()
    {
        var random = new Random(1);
        var expected = Enumerable.Range(0, 400)
            .Select(i => $"{i} " + new string((char)('a' + (i % 26)), random.Next(0, 3_000)))
            .ToArray();

        Assert.Equal(expected, (await ReadAsync(Encoding.UTF8.GetBytes(string.Join("\r\n", expected)))).Select(e => e.Message));
    }

    [Fact]
    public async Task The_longest_message_is_sent_and_a_longer_one_is_named_and_left_out()
    {
        var longest = new string('x', EventRules.MaxMessageBytes);
        var events = await ReadAsync(Encoding.UTF8.GetBytes($"{longest}\r\n{longest}y\r\n{longest}{longest}{longest}\nlast\n"));

        Assert.Equal([longest, "last"], events.Select(e => e.Message));
        Assert.Equal([1L, 4L], events.Select(e => e.Sequence));
        Assert.Equal(2, _traffic.LeftOut);
        Assert.Contains("line 2", _traffic.LeftOutExamples[0], StringComparison.Ordinal);
        Assert.Contains("line 3", _traffic.LeftOutExamples[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_is_not_UTF8_or_holds_a_zero_byte_is_named_and_left_out()
    {
        var events = await ReadAsync([.. "a\n"u8, 0xe9, (byte)'\n', .. "b\0c\n"u8, .. "d"u8]);

        Assert.Equal(["a", "d"], events.Select(e => e.Message));
        Assert.Equal(2, _traffic.LeftOut);
        Assert.Contains("not UTF-8", _traffic.LeftOutExamples[0], StringComparison.Ordinal);
        Assert.Contains("zero byte", _traffic.LeftOutExamples[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_to_the_replay_sends_invalid_UTF8_with_replacement_characters()
    {
        var events = await ReadAsync([(byte)'a', 0xe9, (byte)'b', (byte)'\n'], replaceInvalid: true);

        Assert.Equal("a\uFFFDb", Assert.Single(events).Message);
        Assert.Equal(0, _traffic.LeftOut);
    }

    [Fact]
    public async Task Batches_of_long_lines_end_before_the_body_grows_too_large()
    {
        var line = new string('\u0001', EventRules.MaxMessageBytes);
        var file = Write(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(line, 80))));
        using var lane = new FileLane(_traffic, file, 0, TimeProvider.System);
        var batch = new EventBatch();
        await lane.FillAsync(batch, EventBatch.MaxEvents, CancellationToken.None);
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        EventBatch.WriteNdjson(batch.Events, Guid.NewGuid(), body);

        Assert.InRange(batch.Events.Count, 1, 79);
        Assert.InRange(body.WrittenCount, 1, 16 * 1024 * 1024);
    }

    [Fact]
    public void Files_that_would_be_one_source_are_refused_with_every_other_problem()
    {
        var other = Directory.CreateDirectory(Path.Combine(_folder.FullName, "other"));
        var first = Write("a"u8.ToArray());
        var second = Path.Combine(other.FullName, "Apache.txt");
        File.WriteAllText(second, "b");
        var traffic = new FileTraffic([first, second, Path.Combine(_folder.FullName, "none.log"), _folder.FullName]);

        var problems = traffic.Problems().ToArray();
        Assert.Equal(3, problems.Length);
        Assert.Contains(problems, p => p.Contains("one source, Apache", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("no file", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Contains("is a folder", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/var/log/Apache.log", "Apache")]
    [InlineData("app.2026-11-22.log", "app.2026-11-22")]
    [InlineData("/x/syslog", "syslog")]
    [InlineData(".log", ".log")]
    public void A_source_is_the_file_name_without_its_extension(string file, string source) =>
        Assert.Equal(source, FileTraffic.SourceOf(file));

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(byte[] content)
    {
        var file = Path.Combine(_folder.FullName, "Apache.log");
        File.WriteAllBytes(file, content);
        return file;
    }

    private async Task<List<OutgoingEvent>> ReadAsync(byte[] content, bool replaceInvalid = false)
    {
        var file = Write(content);
        _traffic = new FileTraffic([file]) { ReplaceInvalid = replaceInvalid };
        using var lane = new FileLane(_traffic, file, 0, TimeProvider.System);
        var events = new List<OutgoingEvent>();
        var batch = new EventBatch();
        do
        {
            batch.Clear();
            await lane.FillAsync(batch, 3, CancellationToken.None);
            events.AddRange(batch.Events);
        }
        while (batch.Events.Count > 0);
        Assert.Equal(content.Length, _traffic.BytesRead);
        return events;
    }
}
