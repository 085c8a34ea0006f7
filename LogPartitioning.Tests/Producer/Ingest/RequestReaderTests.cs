using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.Producer.Ingest;

public sealed class RequestReaderTests
{
    private const long Mebibyte = 1024 * 1024;
    private const string Good = """{"source":"a","message":"m"}""";

    private static readonly RequestReader Reader = new(new LogEventReader(TimeProvider.System));

    [Fact]
    public async Task An_object_is_one_event()
    {
        var batch = await Read($"\n {Good} ", BodyForm.Json);
        Assert.True(batch.IsSingle);
        Assert.Null(Assert.Single(batch.Entries).Problem);
    }

    [Fact]
    public async Task In_an_array_a_bad_event_has_its_own_place()
    {
        var batch = await Read($$"""[{{Good}}, {"source":"a"}, 7, [[1]], "x", null, {{Good}}]""", BodyForm.Json);
        Assert.False(batch.IsSingle);
        Assert.Equal(
            [null, "message is required", "event must be a JSON object, not a number", "event must be a JSON object, not an array",
                "event must be a JSON object, not a string", "event must be a JSON object, not null", null],
            batch.Entries.Select(entry => entry.Problem));
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_the_problem_of_their_event_alone()
    {
        byte[] body = [.. "["u8, .. Encoding.UTF8.GetBytes(Good), .. ",{\"source\":\"a\",\"message\":\""u8, 0xFF, .. "\"}]"u8];
        var batch = await Read(body, BodyForm.Json, body.Length);
        Assert.Equal([null, "event must be UTF-8"], batch.Entries.Select(entry => entry.Problem));
    }

    [Fact]
    public async Task In_lines_a_broken_one_has_its_own_place_and_blank_ones_have_none()
    {
        var batch = await Read($"{Good}\r\n\n  \t\r\n{{broken\n[{Good}]\n{Good}", BodyForm.NewlineDelimited);
        Assert.Equal(
            [null, "event must be well-formed JSON (line 1, byte 2)", "event must be a JSON object, not an array", null],
            batch.Entries.Select(entry => entry.Problem));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("[{}")]
    [InlineData("[{},]")]
    [InlineData("[{}] x")]
    [InlineData("[{}][{}]")]
    [InlineData("[{\"a\":}]")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task A_json_body_that_is_broken_or_empty_as_a_whole_is_400(string body) =>
        Assert.Equal(400, (await Assert.ThrowsAsync<RequestRefusedException>(() => Read(body, BodyForm.Json))).Status);

    [Theory]
    [InlineData("")]
    [InlineData("\n\r\n \n")]
    public async Task Lines_that_are_all_blank_are_400(string body) =>
        Assert.Equal(400, (await Assert.ThrowsAsync<RequestRefusedException>(() => Read(body, BodyForm.NewlineDelimited))).Status);

    [Theory]
    [InlineData(10_000, null)]
    [InlineData(10_001, 413)]
    public async Task There_are_at_most_10_000_events(int events, int? status)
    {
        foreach (var (form, body) in new[]
        {
            (BodyForm.Json, $"[{string.Join(",", Enumerable.Repeat(Good, events))}]"),
            (BodyForm.NewlineDelimited, string.Join("\n", Enumerable.Repeat(Good, events))),
        })
        {
            if (status is null)
            {
                Assert.Equal(events, (await Read(body, form)).Entries.Count);
            }
            else
            {
                Assert.Equal(status, (await Assert.ThrowsAsync<RequestRefusedException>(() => Read(body, form))).Status);
            }
        }
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(1, 413)]
    public async Task There_are_at_most_16_MiB(int over, int expected)
    {
        var body = new byte[IngestLimits.MaxBodyBytes + over];
        Array.Fill(body, (byte)' ');
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Read(body, BodyForm.Json, 65_536));
        Assert.Equal(expected, refused.Status); // At the limit it is just empty.
    }

    [Fact]
    public async Task A_message_of_nearly_16_MiB_is_named_as_too_long_in_every_form()
    {
        var json = $$"""{"source":"a","message":"{{new string('x', 15 * 1024 * 1024)}}"}""";
        foreach (var (form, body) in new[] { (BodyForm.Json, json), (BodyForm.Json, $"[{json}]"), (BodyForm.NewlineDelimited, json) })
        {
            var batch = await Read(Encoding.UTF8.GetBytes(body), form, 65_536);
            Assert.StartsWith("message must have at most", Assert.Single(batch.Entries).Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over()
    {
        foreach (var form in new[] { BodyForm.Json, BodyForm.NewlineDelimited })
        {
            byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)];
            Assert.Null(Assert.Single((await Read(body, form, 1)).Entries).Problem);
        }
    }

    /// <summary>Also where all that has come at first is white space.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000)]
    public async Task The_place_of_a_mistake_is_counted_from_the_start_of_the_body(int piece)
    {
        var one = Encoding.UTF8.GetBytes(" \n \n  .");
        Assert.Equal("event must be well-formed JSON (line 3, byte 3)", Assert.Single((await Read(one, BodyForm.Json, piece)).Entries).Problem);

        var array = Encoding.UTF8.GetBytes(" \n \n  [.");
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Read(array, BodyForm.Json, piece));
        Assert.Contains("line 3, byte 4 ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_is_held_while_the_request_is_at_work_and_refused_when_it_is_used_up()
    {
        var budget = NewBudget(new() { MaxBufferedBytes = 100 * Mebibyte });
        using (var first = budget.Open())
        {
            first.Hold(40 * Mebibyte, whole: false);
            using var second = budget.Open();
            second.Hold(10 * Mebibyte, whole: false);
            // The other half is for what is here as a whole.
            Assert.Equal(503, Assert.Throws<RequestRefusedException>(() => second.Hold(11 * Mebibyte, whole: false)).Status);
            using (var small = budget.Open())
            {
                small.Hold(1_000, whole: false);
            }

            second.Hold(60 * Mebibyte, whole: true);
            Assert.Equal(503, Assert.Throws<RequestRefusedException>(() => second.Hold(61 * Mebibyte, whole: true)).Status);
        }

        using var third = budget.Open();
        var pipe = PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(Good)));
        Assert.Single((await Reader.ReadAsync(pipe, BodyForm.Json, third, CancellationToken.None)).Entries);
    }

    /// <summary>However the bytes are cut into pieces on their way, the same events are read.</summary>
    [Property(MaxTest = 200)]
    public Property The_events_are_the_same_however_the_body_is_cut_into_pieces() => Prop.ForAll(
        (from texts in Gen.Elements(
                Good, """{"source":"é😀","message":"\u00e9\n","attributes":{"x":[1,"]"]}}""", """{"source":"a"}""", "12", "\"a,b\\\"]\"", "{}", "true")
            .ListOf()
         from lines in Gen.Elements(true, false)
         from piece in Gen.Choose(1, 40)
         select (texts, lines, piece)).ToArbitrary(),
        input =>
        {
            var form = input.lines ? BodyForm.NewlineDelimited : BodyForm.Json;
            var body = input.lines ? string.Join("\n", input.texts) : $"[ {string.Join(" ,\n", input.texts)} ]";
            if (input.texts.Count > 0)
            {
                Assert.Equal(Problems(body, form, int.MaxValue), Problems(body, form, input.piece));
                Assert.Equal(input.texts.Count, Problems(body, form, input.piece).Count);
            }
        });

    private static List<string?> Problems(string body, BodyForm form, int piece)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var batch = Read(bytes, form, Math.Min(piece, bytes.Length)).GetAwaiter().GetResult();
        return [.. batch.Entries.Select(entry => entry.Problem)];
    }

    private static BufferBudget NewBudget(ProducerOptions options) => new(Options.Create(options), new ArrivingBodies(Options.Create(new BodyLimits())));

    private static Task<EventBatch> Read(string body, BodyForm form) => Read(Encoding.UTF8.GetBytes(body), form, 4_096);

    private static async Task<EventBatch> Read(byte[] body, BodyForm form, int piece)
    {
        var budget = NewBudget(new());
        using var memory = budget.Open();
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, body, piece);
        try
        {
            return await Reader.ReadAsync(pipe.Reader, form, memory, CancellationToken.None);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] body, int piece)
    {
        for (var at = 0; at < body.Length; at += piece)
        {
            var flushed = await writer.WriteAsync(body.AsMemory(at, Math.Min(piece, body.Length - at)));
            if (flushed.IsCompleted)
            {
                break;
            }
        }

        await writer.CompleteAsync();
    }
}
