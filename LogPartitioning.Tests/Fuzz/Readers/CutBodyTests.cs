using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace LogPartitioning.Tests.Fuzz.Readers;

public sealed class CutBodyTests
{
    private static readonly byte[] s_body = "one two three"u8.ToArray();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_comes_in_its_pieces(bool endsLate)
    {
        var body = new CutBody(s_body, [2, 5], endsLate);
        var seen = new List<string>();
        ReadResult read;
        do
        {
            read = await body.ReadAsync();
            seen.Add(Encoding.ASCII.GetString(read.Buffer.ToArray()));
            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);

        Assert.Equal(endsLate ? "on|e two| t|hree|" : "on|e two| t|hree", string.Join('|', seen));
    }

    [Fact]
    public async Task What_is_not_used_up_comes_again_with_more()
    {
        var body = new CutBody(s_body, [4]);
        var read = await body.ReadAsync();
        body.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);
        read = await body.ReadAsync();

        Assert.Equal("ne two ", Encoding.ASCII.GetString(read.Buffer.ToArray()));
    }

    [Fact]
    public async Task As_a_stream_it_is_the_same()
    {
        using var reader = new StreamReader(new CutBody(s_body, [3], endsLate: true).AsStream());

        Assert.Equal("one two three", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task An_empty_body_ends_at_once() => Assert.True((await new CutBody(Array.Empty<byte>(), []).ReadAsync()).IsCompleted);
}
