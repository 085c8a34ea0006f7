using System.Text;
using LogPartitioning.Producer.Ingest;

namespace LogPartitioning.Tests.Producer.Ingest;

public sealed class ContentIdsTests
{
    [Fact]
    public void A_body_and_what_is_beside_it_are_told_apart_whatever_they_have_in_them()
    {
        (string Body, string? Beside)[] all = [("a", "b"), ("ab", null), ("", "ab"), ("a\0b", null), ("a\0b", "c"), ("a", "b\0c"), ("a\0", "b"), ("a", "\0b")];
        Assert.Equal(all.Length, all.Select(one => Of(one.Body, one.Beside)).Distinct().Count());
        Assert.Equal(Of("a", null), Of("a", ""));
    }

    private static Guid Of(string body, string? beside) => new ContentIds(Encoding.UTF8.GetBytes(body), beside).Of(0, null);
}
