using System.Text;
using FsCheck.Xunit;
using LogPartitioning.Producer.Ingest.Loki;

namespace LogPartitioning.Tests.Producer.Ingest.Loki;

public sealed class LabelSetTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("{a=\"b\"}", "a=b")]
    [InlineData(" { a = \"b\" , c=\"d\", } ", "a=b;c=d")]
    [InlineData("{a=\"\"}", "a=")]
    [InlineData("{a=`b\\n`}", "a=b\\n")]
    [InlineData("{a=\"x,y}={\"}", "a=x,y}={")]
    [InlineData("{a=\"\\\"\\\\\\n\\t\\a\\'\"}", "a=\"\\\n\t\a'")]
    [InlineData("{a=\"\\u00e9\\U0001F600\\x41\\101\"}", "a=é😀AA")]
    [InlineData("{a=\"日本\"}", "a=日本")]
    public void Labels_are_read(string text, string expected)
    {
        var labels = new LabelPairs();
        Assert.True(LabelSet.TryParse(Encoding.UTF8.GetBytes(text), labels));
        Assert.Equal(expected, string.Join(';', Enumerable.Range(0, labels.Count).Select(i => $"{Encoding.UTF8.GetString(labels.NameAt(i))}={Encoding.UTF8.GetString(labels.ValueAt(i))}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a=\"b\"")]
    [InlineData("{a}")]
    [InlineData("{=\"b\"}")]
    [InlineData("{a=b}")]
    [InlineData("{a=\"b}")]
    [InlineData("{a=\"b\" c=\"d\"}")]
    [InlineData("{a=\"\\q\"}")]
    [InlineData("{a=\"\\u12\"}")]
    [InlineData("{a=\"\\ud800\"}")]
    [InlineData("{a=\"\\U00110000\"}")]
    [InlineData("{a=\"\\9\"}")]
    [InlineData("{\"a\"=\"b\"}")]
    [InlineData("{a=\"\\")]
    public void What_is_no_list_of_labels_is_told(string text) => Assert.False(LabelSet.TryParse(Encoding.UTF8.GetBytes(text), new LabelPairs()));

    [Property(MaxTest = 1000)]
    public bool Any_bytes_are_labels_or_none(byte[] bytes)
    {
        var labels = new LabelPairs();
        return !LabelSet.TryParse([.. "{a=\""u8, .. bytes, .. "\"}"u8], labels) || labels.Bytes - (6 * labels.Count) <= bytes.Length + 1;
    }
}
