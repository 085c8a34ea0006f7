namespace LogPartitioning.Core.Events;

/// <summary>How grave a log event is. The numbers are stored, so their order and values never change.</summary>
public enum Severity : short
{
    /// <summary>The finest detail, for following single steps.</summary>
    Trace = 0,

    /// <summary>Detail for whoever develops or diagnoses.</summary>
    Debug = 1,

    /// <summary>The normal course of things; what an event without a level is taken as.</summary>
    Information = 2,

    /// <summary>Something is off, but the work went on.</summary>
    Warning = 3,

    /// <summary>An operation failed.</summary>
    Error = 4,

    /// <summary>The system, or a part of it, cannot go on.</summary>
    Critical = 5,
}
