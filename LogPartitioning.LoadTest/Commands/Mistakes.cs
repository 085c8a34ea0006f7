namespace LogPartitioning.LoadTest.Commands;

/// <summary>A mistake of the caller's, in words for them: shown without a stack trace.</summary>
internal sealed class MistakeException(string message) : Exception(message);

/// <summary>Turns problems into one exception that tells them all.</summary>
internal static class Mistakes
{
    public static void ThrowIfAny(IEnumerable<string> problems)
    {
        var all = string.Join(Environment.NewLine, problems);
        if (all.Length > 0)
        {
            throw new MistakeException(all);
        }
    }
}
