using System.Globalization;
using System.Text;

namespace LogPartitioning.Tests.Clients.Syslog;

/// <summary>Files to which numbered lines are appended, one file for each source, as programs write their logs that a daemon follows.</summary>
internal sealed class NumberedFiles : IDisposable
{
    /// <summary>How many sources there are.</summary>
    public const int Count = 4;

    private const int LinesATurn = 50;

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryFolder _folder = new();

    /// <param name="name">Names the client; its sources begin with it.</param>
    public NumberedFiles(string name)
    {
        var run = $"{name}-{Guid.NewGuid().ToString("N")[..8]}";
        Sources = [.. Enumerable.Range(0, Count).Select(i => $"{run}-{i}")];
        foreach (var source in Sources)
        {
            _folder.AddFile(source);
        }
    }

    /// <summary>The sources.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>The file of a source.</summary>
    public string Of(string source) => _folder.At(source);

    /// <summary>A file, or a folder, beside them.</summary>
    public string At(string name) => _folder.At(name);

    /// <summary>Appends lines over some seconds; line i is of source i modulo their number.</summary>
    public async Task AppendAsync(int first, int count)
    {
        using var turns = new PeriodicTimer(s_turn);
        for (var i = first; i < first + count; i += LinesATurn)
        {
            foreach (var numbers in Enumerable.Range(i, Math.Min(LinesATurn, first + count - i)).GroupBy(number => number % Sources.Count))
            {
                await File.AppendAllTextAsync(Of(Sources[numbers.Key]), Text(numbers));
            }

            await turns.WaitForNextTickAsync();
        }
    }

    /// <summary>The lines of numbers.</summary>
    public static string Text(IEnumerable<int> numbers) =>
        numbers.Aggregate(new StringBuilder(), (text, number) => text.Append(CultureInfo.InvariantCulture, $"event {number}\n")).ToString();

    public void Dispose() => _folder.Dispose();
}
