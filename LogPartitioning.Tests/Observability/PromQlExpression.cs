using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Observability;

/// <summary>
/// As much of a PromQL expression as it takes to ask whether its parts have data: the metrics it selects, and the
/// expression without the thresholds that make an alert silent while all is well. Prometheus itself checks the syntax.
/// </summary>
internal sealed partial class PromQlExpression(string text)
{
    private static readonly HashSet<string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "inf", "nan", "atan2",
    };

    public string Text { get; } = text;

    /// <summary>The names of the metrics and recorded series that the expression selects.</summary>
    public IReadOnlyList<string> Metrics { get; } = SelectedMetrics(text);

    /// <summary>
    /// The expression as it would be if every condition were met: comparisons with a number are left out, <c>A unless B</c>
    /// becomes <c>A or B</c>, <c>absent(A)</c> becomes <c>(A)</c>, and a label may have any value but must be there. Where
    /// this has no data, the alert cannot ever fire for the right reason.
    /// </summary>
    public string Unconditional
    {
        get
        {
            string text = NumberComparison().Replace(Text, string.Empty);
            text = LabelValues().Replace(text, "=~\".+\"");
            text = Unless().Replace(text, "or");
            return Absent().Replace(text, "(");
        }
    }

    public override string ToString() => Text;

    private static List<string> SelectedMetrics(string text)
    {
        string bare = QuotedText().Replace(text, "\"\"");
        bare = LabelMatchers().Replace(bare, string.Empty);
        bare = LabelLists().Replace(bare, " ");
        bare = Durations().Replace(bare, string.Empty);

        return
        [
            .. Identifiers().Matches(bare)
                .Where(match => !Keywords.Contains(match.Value) && !IsCall(bare, match.Index + match.Length))
                .Select(match => match.Value)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static bool IsCall(string text, int position)
    {
        while (position < text.Length && char.IsWhiteSpace(text[position]))
        {
            position++;
        }

        return position < text.Length && (text[position] == '(' || IsAggregationWithLabels(text[position..]));
    }

    // "sum by (le) (...)": by then the label list is a blank, and what stands there is the keyword.
    private static bool IsAggregationWithLabels(string rest) => AggregationKeyword().IsMatch(rest);

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex QuotedText();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex LabelMatchers();

    [GeneratedRegex(@"(?<=\b(?:by|without|on|ignoring|group_left|group_right)\s*)\([^)]*\)", RegexOptions.IgnoreCase)]
    private static partial Regex LabelLists();

    [GeneratedRegex(@"\[[^\]]*\]|\boffset\s+-?[0-9a-z]+", RegexOptions.IgnoreCase)]
    private static partial Regex Durations();

    [GeneratedRegex(@"(?<![\w:.])[A-Za-z_:][\w:]*")]
    private static partial Regex Identifiers();

    [GeneratedRegex(@"^(?:by|without)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AggregationKeyword();

    [GeneratedRegex(@"\s*(?:==|!=|>=|<=|>|<)\s*(?:bool\s+)?-?[0-9]+(?:\.[0-9]+)?")]
    private static partial Regex NumberComparison();

    [GeneratedRegex("\\s*=~?\\s*\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\bunless\b", RegexOptions.IgnoreCase)]
    private static partial Regex Unless();

    [GeneratedRegex(@"\babsent\s*\(", RegexOptions.IgnoreCase)]
    private static partial Regex Absent();
}
