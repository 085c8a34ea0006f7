using System.Text;

namespace Aspire.Hosting.Orchestration;

/// <summary>Keeps a block of lines at the end of a terminal while others write above it.</summary>
internal sealed class TerminalScreen : TextWriter
{
    private readonly Lock _gate = new();
    private readonly TextWriter _terminal;
    private int _drawn;

    private TerminalScreen(TextWriter terminal) => _terminal = terminal;

    /// <summary>The screen, when there is a terminal.</summary>
    public static TerminalScreen? Current { get; private set; }

    /// <summary>Somebody wrote since the block was drawn.</summary>
    public bool IsDisturbed { get; private set; }

    public override Encoding Encoding => _terminal.Encoding;

    /// <summary>Takes the terminal, if there is one, before anybody else holds on to the console's writer.</summary>
    public static void Install()
    {
        if (Current is null && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"))
        {
            Current = new(Console.Out);
            Console.SetOut(Current);
        }
    }

    /// <summary>Draws the block in the place of the last one.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        lock (_gate)
        {
            var width = Width();
            StringBuilder text = new();
            Erase(text);
            foreach (var line in lines)
            {
                // A line that wraps would be two when it is erased.
                text.Append(line.Length < width ? line : line[..(width - 1)]).Append('\n');
            }

            _drawn = lines.Count;
            IsDisturbed = false;
            _terminal.Write(text.ToString());
            _terminal.Flush();
        }
    }

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write($"{value}\n".AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.IsEmpty)
        {
            return;
        }

        lock (_gate)
        {
            StringBuilder text = new();
            Erase(text);
            text.Append(buffer);
            _drawn = 0;
            IsDisturbed = true;
            _terminal.Write(text.ToString());
            _terminal.Flush();
        }
    }

    private static int Width()
    {
        try
        {
            return Math.Max(Console.WindowWidth, 40);
        }
        catch (IOException)
        {
            return 120;
        }
    }

    private void Erase(StringBuilder text)
    {
        if (_drawn > 0)
        {
            text.Append($"\u001b[{_drawn}A\u001b[0J");
        }
    }
}
