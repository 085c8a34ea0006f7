namespace LogPartitioning.LoadTest.Commands;

/// <summary>A mistake of the caller's, in words for them: shown without a stack trace.</summary>
internal sealed class MistakeException(string message) : Exception(message)
{
    /// <summary>Tells all problems at once, if there are any.</summary>
    public static void ThrowIfAny(IEnumerable<string> problems)
    {
        var all = string.Join(Environment.NewLine, problems);
        if (all.Length > 0)
        {
            throw new MistakeException(all);
        }
    }
}
