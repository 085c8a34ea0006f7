using System.Text;

namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>A property file as <c>java.util.Properties</c> reads it: one <c>name=value</c> a line, ISO 8859-1, a backslash before what would end a name or a value.</summary>
internal sealed class JavaProperties : Dictionary<string, string>
{
    /// <summary>Adds a property with a number.</summary>
    public void Add(string name, int value) => Add(name, $"{value}");

    /// <summary>Adds all of other properties.</summary>
    public JavaProperties With(JavaProperties others)
    {
        foreach (var (name, value) in others)
        {
            Add(name, value);
        }

        return this;
    }

    /// <summary>Writes the file.</summary>
    public Task WriteAsync(string file, CancellationToken cancellationToken) => File.WriteAllTextAsync(file, ToString(), Encoding.ASCII, cancellationToken);

    /// <summary>The file's text, ASCII alone.</summary>
    public override string ToString() => string.Concat(this.Select(property => $"{Escape(property.Key, isName: true)}={Escape(property.Value, isName: false)}\n"));

    private static string Escape(string text, bool isName)
    {
        var escaped = new StringBuilder();
        foreach (var character in text)
        {
            _ = character switch
            {
                '\\' => escaped.Append(@"\\"),
                '\n' => escaped.Append(@"\n"),
                '\r' => escaped.Append(@"\r"),
                '\t' => escaped.Append(@"\t"),
                // A blank ends a name, and blanks before a value are skipped up to the first that is escaped.
                ' ' when isName || escaped.Length == 0 => escaped.Append(@"\ "),
                '=' or ':' or '#' or '!' when isName => escaped.Append('\\').Append(character),
                < ' ' or > '~' => escaped.Append(@"\u").Append(((int)character).ToString("x4", null)),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
