namespace LogPartitioning.AppHost.Redis;

/// <summary>Writes <c>redis.conf</c>: a directive and its arguments in each line, with blanks between them.</summary>
internal static class RedisConfiguration
{
    /// <summary>The file's text.</summary>
    /// <param name="lines">The words of each line, the directive first.</param>
    public static string ToText(IEnumerable<string[]> lines) =>
        string.Concat(lines.Select(words => $"{words[0]} {string.Join(' ', words.Skip(1).Select(Quote))}\n"));

    // Within double quotes a backslash escapes; anything else, blanks, apostrophes and umlauts too, stands for itself.
    private static string Quote(string argument) =>
        $"\"{argument.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)}\"";
}
