using LogPartitioning.Producer.Ingest;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Producer.Ingest;

public sealed class BodyFormTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public void The_content_types_of_json_are_accepted(string type) => Assert.Equal(BodyForm.Json, Of(type));

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/ndjson; charset=utf-8")]
    [InlineData("application/jsonl")]
    [InlineData("application/x-jsonlines")]
    public void The_content_types_of_lines_are_accepted(string type) => Assert.Equal(BodyForm.NewlineDelimited, Of(type));

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("json", null)]
    [InlineData("text/plain", null)]
    [InlineData("application/xml", null)]
    [InlineData("application/json; charset=iso-8859-1", null)]
    [InlineData("application/json", "gzip")]
    public void Anything_else_is_415(string? type, string? encoding) =>
        Assert.Equal(415, Assert.Throws<RequestRefusedException>(() => Of(type, encoding)).Status);

    private static BodyForm Of(string? type, string? encoding = null)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = type;
        if (encoding is not null)
        {
            context.Request.Headers.ContentEncoding = encoding;
        }

        return BodyForms.Of(context.Request);
    }
}
