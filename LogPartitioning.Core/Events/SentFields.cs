namespace LogPartitioning.Core.Events;

/// <summary>Which of the fields that may be left out a client has sent.</summary>
[Flags]
public enum SentFields
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>The id.</summary>
    Id = 1,

    /// <summary>The timestamp.</summary>
    Timestamp = 2,
}
