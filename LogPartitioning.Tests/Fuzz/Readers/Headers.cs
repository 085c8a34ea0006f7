using System.Text;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What is around a body, as a variant decides.</summary>
internal static class Headers
{
    private const int MaxPieces = 4_096;

    private static readonly string[] s_json = ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"", "text/json", "application/vnd.a+json"];
    private static readonly string[] s_lines = ["application/x-ndjson", "application/jsonl", "application/x-jsonlines; charset=us-ascii"];
    private static readonly string[] s_odd = ["", "text/plain", "application/json; charset=utf-16", "application/json;;;", "json", "*/*", "multipart/form-data; boundary=x", "application/json, application/json"];

    /// <summary>Those of a JSON body; one in sixteen times others.</summary>
    public static IHeaderDictionary OfJson(FuzzInput input) => With(Chosen(s_json, input), input);

    /// <summary>Those of a body with an event a line.</summary>
    public static IHeaderDictionary OfLines(FuzzInput input) => With(Chosen(s_lines, input), input);

    /// <summary>The lengths of the pieces in which a body comes; none for the whole at once.</summary>
    public static IReadOnlyList<int> Cuts(FuzzInput input)
    {
        var bits = (uint)input.Variant >> 8;
        // Byte for byte, where there are few; no more pieces than the server makes of the longest body, in its blocks of 4 KB.
        var least = 1 + (input.Bytes.Length / MaxPieces);
        return (bits & 3) switch
        {
            0 or 1 => [],
            2 => [(int)(bits >> 2 & 63) + least, (int)(bits >> 8 & 1023) + least, (int)(bits >> 18) + least],
            _ => [least],
        };
    }

    /// <summary>The body, in the pieces that the variant decides on.</summary>
    public static CutBody Body(FuzzInput input) => new(input.Bytes, Cuts(input), endsLate: (input.Variant & 64) != 0);

    /// <summary>Bytes as the value of a header that the server hands on.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) => new([.. Encoding.Latin1.GetString(bytes).Where(c => c is >= ' ' and not '\u007f')]);

    private static string Chosen(string[] usual, FuzzInput input) =>
        (input.Variant & 15) == 0 ? s_odd[(input.Variant >> 4) % s_odd.Length] : (input.Variant & 12) == 4 ? usual[(input.Variant >> 4) % usual.Length] : usual[0];

    private static IHeaderDictionary With(string type, FuzzInput input)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        if (type.Length > 0)
        {
            headers.ContentType = type;
        }

        if ((input.Variant & 32) != 0)
        {
            headers.ContentLength = input.Bytes.Length;
        }

        return headers;
    }
}
