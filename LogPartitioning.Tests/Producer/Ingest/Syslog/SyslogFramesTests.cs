using System.Buffers;
using System.Text;
using LogPartitioning.Producer.Ingest.Syslog;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogFramesTests
{
    private const int Most = SyslogFrames.MaxBytes;

    [Theory]
    [InlineData("<13>a\n<13>b\n", "<13>a", "<13>b")]
    [InlineData("<13>a\r\n\r\n\0<13>b", "<13>a\r", "<13>b")]
    [InlineData("5 <13>a6 <13>bc", "<13>a", "<13>bc")]
    [InlineData("5 <13>a\n6 <13>b\n\n", "<13>a", "<13>b\n")]
    [InlineData("<13>a\n5 <13>b<13>c\n5 <13>d", "<13>a", "<13>b", "<13>c", "<13>d")]
    [InlineData("5 hello5 world", "hello", "world")]
    // A line may begin with a number: what stands behind it, or before, tells.
    [InlineData("2026-11-28 it is\n12 apes\n", "2026-11-28 it is", "12 apes")]
    [InlineData("<13>a\n12 apes\n99999999999 x\n05 y\n", "<13>a", "12 apes", "99999999999 x", "05 y")]
    [InlineData("<13>a\n123", "<13>a", "123")]
    [InlineData("")]
    [InlineData("\n\r\n\0")]
    public void Messages_are_found_by_their_length_or_as_lines_however_they_are_cut_into_pieces(string sent, params string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(sent);
        Assert.Equal(expected, Read(bytes, Math.Max(1, bytes.Length)).Select(frame => frame.Text));
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(expected, Read([bytes[..cut], bytes[cut..]]).Select(frame => frame.Text));
        }

        Assert.Equal(expected, Read(bytes, 1).Select(frame => frame.Text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(70_000)]
    [InlineData(1_000_000)]
    public void Of_one_that_is_too_long_the_beginning_is_kept_and_how_much_is_not(int beyond)
    {
        var text = new string('x', Most + beyond);
        foreach (var piece in new[] { 4_096, Most, Most + 20, 10_000_000 })
        {
            var counted = Read(Encoding.ASCII.GetBytes($"{text.Length} {text}5 <13>a"), piece);
            Assert.Equal([(Most, (long)beyond), (5, 0)], counted.Select(frame => (frame.Text.Length, frame.Truncated)));

            var line = Read(Encoding.ASCII.GetBytes($"{text}\n<13>a\n"), piece);
            Assert.Equal([(Most, (long)beyond), (5, 0)], line.Select(frame => (frame.Text.Length, frame.Truncated)));

            var lastLine = Read(Encoding.ASCII.GetBytes(text), piece);
            Assert.Equal([(Most, (long)beyond)], lastLine.Select(frame => (frame.Text.Length, frame.Truncated)));
        }
    }

    [Fact]
    public void One_of_the_greatest_length_is_kept_whole()
    {
        var text = new string('x', Most);
        Assert.Equal([(Most, 0L)], Read(Encoding.ASCII.GetBytes($"{Most} {text}"), 1_000).Select(frame => (frame.Text.Length, frame.Truncated)));
        Assert.Equal([(Most, 0L)], Read(Encoding.ASCII.GetBytes($"{text}\n"), 1_000).Select(frame => (frame.Text.Length, frame.Truncated)));
    }

    [Fact]
    public void What_is_missing_of_a_counted_message_at_the_end_is_told()
    {
        var frame = Assert.Single(Read("1000000000 <13>a"u8.ToArray(), 3));
        Assert.Equal(("<13>a", 999_999_995L), frame);
        Assert.Empty(Read("10 "u8.ToArray(), 2));
    }

    /// <summary>However much is claimed or sent, no more is asked to be there again than one message and the piece that came last.</summary>
    [Theory]
    [InlineData("1000000000 ")]
    [InlineData("")]
    public void Nothing_grows_with_what_is_claimed_or_sent(string begin)
    {
        using var frames = new SyslogFrames();
        var piece = new byte[8_192];
        Array.Fill(piece, (byte)'x');
        var left = Encoding.ASCII.GetBytes(begin);
        var found = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var buffer = new ReadOnlySequence<byte>((byte[])[.. left, .. piece]);
            while (frames.TryRead(ref buffer, out _))
            {
                found++;
            }

            Assert.InRange(buffer.Length, 0, Most + 16);
            left = buffer.ToArray();
        }

        Assert.Equal(begin.Length > 0 ? 1 : 0, found);
    }

    private static List<(string Text, long Truncated)> Read(byte[] bytes, int piece) => Read(bytes.Chunk(piece));

    /// <summary>As a connection reads: what is left stands before the next piece, in a segment of its own.</summary>
    private static List<(string Text, long Truncated)> Read(IEnumerable<byte[]> pieces)
    {
        using var frames = new SyslogFrames();
        List<(string, long)> read = [];
        byte[] left = [];
        foreach (var piece in pieces)
        {
            var buffer = Pieces.Of(left, piece);
            while (frames.TryRead(ref buffer, out var frame))
            {
                read.Add((Encoding.UTF8.GetString(frame.Bytes), frame.Truncated));
            }

            left = buffer.ToArray();
        }

        var rest = new ReadOnlySequence<byte>(left);
        while (frames.TryReadLast(ref rest, out var last))
        {
            read.Add((Encoding.UTF8.GetString(last.Bytes), last.Truncated));
        }

        return read;
    }
}
