using LogPartitioning.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer.Storage;

public sealed class SeenIdsTests
{
    private readonly SeenIds _seen = new();

    [Fact]
    public void What_was_seen_is_found_and_little_else()
    {
        var first = Ids(100_000);
        Assert.InRange(_seen.AddAndFind(first).Count, 0, 500);

        Assert.Equal(first, _seen.AddAndFind(first));

        Assert.InRange(_seen.AddAndFind(Ids(100_000)).Count, 0, 500);
    }

    [Fact]
    public void An_id_that_comes_twice_at_once_is_found()
    {
        var id = Guid.NewGuid();

        Assert.Equal([id], _seen.AddAndFind([id, id]));
    }

    [Fact]
    public void The_last_half_million_is_remembered_however_many_came_before()
    {
        for (var i = 0; i < 30; i++)
        {
            _seen.AddAndFind(Ids(100_000));
        }

        var last = Ids(100_000);
        _seen.AddAndFind(last);
        for (var i = 0; i < 4; i++)
        {
            // When it is full, too, nearly all that is new is taken for new.
            Assert.InRange(_seen.AddAndFind(Ids(100_000)).Count, 0, 2000);
        }

        Assert.Equal(last, _seen.AddAndFind(last));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public void Ids_that_count_up_are_told_apart_as_random_ones_are(int shift)
    {
        var ids = Enumerable.Range(1, 100_000).Select(i => new Guid(Bytes((UInt128)i << shift))).ToList();

        Assert.InRange(_seen.AddAndFind(ids).Count, 0, 500);
    }

    private static List<Guid> Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    private static byte[] Bytes(UInt128 number)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return bytes;
    }
}
