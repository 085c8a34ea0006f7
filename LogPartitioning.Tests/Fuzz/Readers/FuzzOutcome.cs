using System.Text;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>Words for an outcome, without what an input brought into them.</summary>
internal static class FuzzOutcome
{
    private const int MaxCharacters = 120;

    /// <summary>The words with a sign in the place of each number, and without what stands in quotes.</summary>
    public static string Of(string words)
    {
        var kind = new StringBuilder(Math.Min(words.Length, MaxCharacters));
        var quoted = false;
        for (var i = 0; i < words.Length && kind.Length < MaxCharacters; i++)
        {
            if (words[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && !(char.IsAsciiDigit(words[i]) && kind.Length > 0 && kind[^1] == '#'))
            {
                kind.Append(char.IsAsciiDigit(words[i]) ? '#' : words[i]);
            }
        }

        return kind.ToString();
    }
}
