using Spectre.Console;

namespace LogPartitioning.LoadTest.Reports;

/// <summary>What is said to people. Text is written as it is: a source may be called <c>[red]</c>.</summary>
internal static class Screen
{
    /// <summary>The output is a terminal, where lines can be drawn over.</summary>
    public static bool IsTerminal => AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    public static void Say(string text) => Write(text, Style.Plain);

    public static void Warn(string text) => Write(text, new Style(Color.Yellow));

    public static void Bad(string text) => Write(text, new Style(Color.Red));

    public static void Good(string text) => Write(text, new Style(Color.Green));

    /// <summary>A table that reads well in a terminal and in a file; numbers from the second column on.</summary>
    public static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = IsTerminal ? TableBorder.Rounded : TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(column, c => c.Alignment = table.Columns.Count == 0 ? Justify.Left : Justify.Right);
        }

        return table;
    }

    /// <summary>A table of names and their values.</summary>
    public static void ShowValues(params (string Name, string Value)[] rows)
    {
        var table = NewTable("", "").HideHeaders();
        foreach (var (name, value) in rows)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        }

        AnsiConsole.Write(table);
    }

    /// <summary>A mistake, on standard error.</summary>
    public static void Mistake(string text) => Console.Error.WriteLine(text);

    private static void Write(string text, Style style)
    {
        if (IsTerminal)
        {
            AnsiConsole.Console.WriteLine(text, style);
        }
        else
        {
            // Spectre.Console breaks lines at 80 columns where it knows no width, in the middle of a path too.
            Console.Out.WriteLine(text);
        }
    }
}
