using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Tests.Consumer.Storage;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Writing;

public sealed class BatchSpanTests : IDisposable
{
    private readonly Bench _bench = new(new() { BatchSize = 100, BufferRecords = 200, BatchDelay = TimeSpan.FromMilliseconds(1) });
    private readonly Spans _spans = new(ConsumerTraces.SourceName);

    public void Dispose()
    {
        _spans.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task A_batch_is_a_trace_of_its_own_linked_to_the_spans_that_sent_its_records()
    {
        ActivityContext first = Spans.NewContext(), second = Spans.NewContext(), nobodyRecords = Spans.NewContext(recorded: false);

        var batch = Assert.Single(await BatchesOfAsync([(0, first), (0, first), (0, nobodyRecords), (0, null), (3, second), (3, first)], first));

        Assert.Equal((ActivityKind.Consumer, "process topic"), (batch.Kind, batch.DisplayName));
        Assert.Equal(default, batch.ParentSpanId);
        Assert.Equal([first.SpanId, second.SpanId], batch.Links.Select(link => link.Context.SpanId));
        Assert.Equal(
            ["kafka", "process", "process", "topic", 6],
            Spans.MessagingOf(batch));
        Assert.Equal(("group", "instance/0"), (batch.GetTagItem("messaging.consumer.group.name"), batch.GetTagItem("messaging.client.id")));
        Assert.Equal(["0:0-3", "3:0-1"], (string[])batch.GetTagItem("logpartitioning.offsets")!);
        Assert.Null(batch.GetTagItem("messaging.destination.partition.id"));

        var store = Assert.Single(_spans.Ended, span => span.ParentSpanId == batch.SpanId);
        Assert.Equal(("store batch", 6), (store.DisplayName, store.GetTagItem("logpartitioning.stored")));
    }

    [Fact]
    public async Task A_batch_of_one_partition_names_it()
    {
        var context = Spans.NewContext();

        var batch = Assert.Single(await BatchesOfAsync([(7, context)], context));

        Assert.Equal("7", batch.GetTagItem("messaging.destination.partition.id"));
    }

    [Fact]
    public async Task A_batch_without_a_record_of_a_recorded_trace_has_no_span()
    {
        var context = Spans.NewContext(recorded: false);

        Assert.Empty(await BatchesOfAsync([(0, context), (0, null)], context));
        Assert.DoesNotContain(_spans.Ended, span => span.DisplayName == "store batch" && span.Parent is null);
        Assert.Equal(2, _bench.Store.Stored[0].Count);
    }

    [Fact]
    public async Task A_batch_of_many_requests_has_links_to_the_first_of_them()
    {
        var contexts = Enumerable.Range(0, 50).Select(_ => Spans.NewContext()).ToList();

        var batch = Assert.Single(await BatchesOfAsync(contexts.Select(context => (0, (ActivityContext?)context)), contexts[0]));

        Assert.Equal(contexts.Take(BatchSpan.MaxLinks).Select(context => context.SpanId), batch.Links.Select(link => link.Context.SpanId));
    }

    [Fact]
    public async Task An_attempt_that_fails_is_an_error_and_the_next_one_a_span_beside_it()
    {
        var context = Spans.NewContext();
        _bench.Store.BeforeWrite = _ =>
        {
            if (_bench.Store.Writes == 1)
            {
                throw new NpgsqlException("the database is away", new IOException());
            }
        };

        var batch = Assert.Single(await BatchesOfAsync([(0, context)], context));

        Assert.Equal(
            [ActivityStatusCode.Error, ActivityStatusCode.Unset],
            _spans.Ended.Where(span => span.ParentSpanId == batch.SpanId).Select(span => span.Status));
    }

    [Fact]
    public void Records_of_one_request_share_the_bytes_of_its_header()
    {
        var reader = new RecordReader(TimeProvider.System);
        ActivityContext first = Spans.NewContext(), second = Spans.NewContext();

        var read = new[] { first, first, second }.Select(context => reader.Read(Record(Spans.TraceParentOf(context))).TraceParent!).ToList();

        Assert.Equal(Spans.TraceParentOf(first), Encoding.ASCII.GetString(read[0]));
        Assert.Same(read[0], read[1]);
        Assert.Equal(Spans.TraceParentOf(second), Encoding.ASCII.GetString(read[2]));
        Assert.Null(reader.Read(Record(null)).TraceParent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    [InlineData("not a context, and yet as long as one of them would be.")]
    public async Task A_header_that_is_no_context_is_left_alone(string header)
    {
        var partition = await _bench.OwnAsync(0);
        Add(partition, Encoding.ASCII.GetBytes(header));

        await _bench.WriteAllAsync();

        Assert.Single(_bench.Store.Stored[0]);
    }

    private async Task<IReadOnlyList<Activity>> BatchesOfAsync(IEnumerable<(int Partition, ActivityContext? Context)> records, ActivityContext own)
    {
        var partitions = new Dictionary<int, LogPartitioning.Consumer.Assignment.OwnedPartition>();
        foreach (var (number, context) in records)
        {
            if (!partitions.TryGetValue(number, out var partition))
            {
                partitions.Add(number, partition = await _bench.OwnAsync(number));
            }

            Add(partition, context is { } sent ? Encoding.ASCII.GetBytes(Spans.TraceParentOf(sent)) : null);
        }

        await _bench.WriteAllAsync();
        return [.. _spans.Ended.Where(span => span.Links.Any(link => link.Context.TraceId == own.TraceId))];
    }

    private void Add(LogPartitioning.Consumer.Assignment.OwnedPartition partition, byte[]? traceParent)
    {
        Assert.True(_bench.Buffer.TryAdd(partition, BufferedRecord.Of(
            StoredEvents.Record(partition.ReadPosition), new byte[100], TimeProvider.System.GetTimestamp(), traceParent)));
        partition.MoveRead(partition.ReadPosition + 1);
    }

    private static ConsumeResult<byte[]?, byte[]?> Record(string? traceParent) => new()
    {
        Topic = Bench.Topic,
        Message = new()
        {
            Headers = traceParent is null ? [] : new Headers { { "traceparent", Encoding.ASCII.GetBytes(traceParent) } },
        },
    };
}
