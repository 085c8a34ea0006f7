namespace LogPartitioning.AppHost.Restarts;

/// <summary>What the exit code of a service says: docs/architecture.md has them all.</summary>
internal static class ServiceExit
{
    private const int InvalidSettings = 2;
    private const int WrongTopics = 3;
    private const int WrongStore = 7;

    /// <summary>
    /// Why starting the service again would end as this start did; null where it may help. Such a service waits for a person, and
    /// trying on would only bury what it said.
    /// </summary>
    public static string? WhyNotAgain(int? exitCode) => exitCode switch
    {
        InvalidSettings => "a setting is wrong",
        WrongTopics => "the topics are not as the settings say",
        WrongStore => "it cannot work with the log store as it is",
        _ => null,
    };
}
