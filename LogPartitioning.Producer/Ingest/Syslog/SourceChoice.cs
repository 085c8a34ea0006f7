namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>What the source of an event is. What a message does not name is left out; one that names neither has the sender's address.</summary>
internal enum SourceChoice
{
    /// <summary>The program, else the host.</summary>
    App,

    /// <summary>The host, else the program.</summary>
    Host,

    /// <summary>Both.</summary>
    HostAndApp,
}

/// <summary>How a <see cref="SourceChoice"/> is written in the settings.</summary>
internal static class SourceChoices
{
    public const string App = "app";
    public const string Form = "app, host or host/app";

    private const string Host = "host";
    private const string HostAndApp = "host/app";

    public static bool TryParse(string? text, out SourceChoice choice)
    {
        SourceChoice? known = text?.ToLowerInvariant() switch
        {
            App => SourceChoice.App,
            Host => SourceChoice.Host,
            HostAndApp => SourceChoice.HostAndApp,
            _ => null,
        };
        choice = known ?? default;
        return known is not null;
    }
}
