using System.Globalization;
using System.Text;

namespace LogPartitioning.LoadTest.Traffic;

/// <summary>Log lines of one source, made up from a seed: the same seed and source give the same lines.</summary>
internal sealed class MessageText(int seed, string source, int bytes)
{
    private static readonly string[] Paths = ["/orders", "/cart", "/payments", "/search", "/users", "/stock"];
    private static readonly string[] Filler = ["cache=hit", "region=eu-1", "retry=0", "db=12ms", "tls=1.3", "ab=on", "zone=b"];

    // Not string.GetHashCode, which differs from process to process.
    private readonly Random _random = new(source.Aggregate(seed, (hash, character) => unchecked((hash * 31) + character)));
    private readonly StringBuilder _line = new();

    /// <summary>The next level and message; the message is ASCII and exactly as long as asked for.</summary>
    public (string Level, string Message) Next()
    {
        var level = _random.Next(100) switch
        {
            < 2 => "Error",
            < 7 => "Warning",
            < 30 => "Debug",
            _ => "Information",
        };
        var status = level switch { "Error" => 500, "Warning" => 429, _ => 200 };
        _line.Clear();
        _line.Append(
            CultureInfo.InvariantCulture,
            $"GET {Paths[_random.Next(Paths.Length)]}/{_random.Next(1_000_000)} {status} in {_random.Next(1, 900)} ms");
        while (_line.Length < bytes)
        {
            _line.Append(' ').Append(Filler[_random.Next(Filler.Length)]);
        }

        return (level, _line.ToString(0, bytes));
    }
}
