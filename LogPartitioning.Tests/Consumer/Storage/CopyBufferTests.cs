using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Consumer.Storage;

/// <summary>Byte by byte what the documentation of COPY says; the tests of the store hold it against a server.</summary>
public sealed class CopyBufferTests
{
    [Fact]
    public void Rows_have_the_form_that_the_server_reads()
    {
        using var buffer = new CopyBuffer();
        buffer.AddHeader();
        buffer.AddRow(9);
        buffer.Add((short)-2);
        buffer.Add(3);
        buffer.Add(4L);
        buffer.Add(new DateTime(2000, 1, 1, 0, 0, 1, DateTimeKind.Utc));
        buffer.Add(new DateOnly(1999, 12, 31));
        buffer.Add(EventIdDay.None);
        buffer.Add(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        buffer.Add("\u00e9");
        buffer.AddText("\u00e9"u8);
        buffer.AddJson("{}"u8);
        buffer.AddRow(1);
        buffer.AddNull();
        buffer.AddTrailer();

        Assert.Equal(
            "5047434F50590AFF0D0A00" + "00000000" + "00000000"
            + "0009" + "00000002FFFE" + "0000000400000003" + "000000080000000000000004" + "0000000800000000000F4240"
            + "00000004FFFFFFFF" + "0000000480000000" + "0000001000112233445566778899AABBCCDDEEFF" + "00000002C3A9" + "00000002C3A9" + "00000003017B7D"
            + "0001" + "FFFFFFFF" + "FFFF",
            Convert.ToHexString(buffer.Written.Span));
    }

    [Fact]
    public void A_row_of_any_size_fits_beside_what_is_there()
    {
        using var buffer = new CopyBuffer();
        buffer.Add(7L);
        var text = new string('\u20ac', 300_000);
        buffer.Add(text);

        Assert.Equal(12 + 4 + (3 * 300_000), buffer.Written.Length);
        Assert.Equal(7, buffer.Written.Span[11]);
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(buffer.Written.Span[16..]));
    }
}
