namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that the application itself gives to resources.</summary>
public static class KnownResourceStates
{
    /// <summary>It waits for others.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>It was not asked to start yet.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>It is about to run.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>It runs.</summary>
    public static readonly string Running = "Running";

    /// <summary>It is there; for what does not run by itself.</summary>
    public static readonly string Active = "Active";

    /// <summary>It is asked to end.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>It has ended, and is of a kind that goes on.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>It has ended, and is of a kind that ends.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>It could not be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>What should run it is not there or not well.</summary>
    public static readonly string RuntimeUnhealthy = "RuntimeUnhealthy";

    /// <summary>A parameter has no value.</summary>
    public static readonly string ValueMissing = "ValueMissing";

    /// <summary>The states in which nothing more happens by itself.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>How a state is shown.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>Something failed.</summary>
    public static readonly string Error = "error";

    /// <summary>Something to know.</summary>
    public static readonly string Info = "info";

    /// <summary>All is well.</summary>
    public static readonly string Success = "success";

    /// <summary>Something may fail.</summary>
    public static readonly string Warn = "warn";
}

/// <summary>The commands that running resources understand.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts one that does not run.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops one that runs.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops and starts one.</summary>
    public static readonly string RestartCommand = "restart";
}
