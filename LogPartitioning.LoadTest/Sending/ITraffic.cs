namespace LogPartitioning.LoadTest.Sending;

/// <summary>What a run sends.</summary>
internal interface ITraffic
{
    /// <summary>How requests are made.</summary>
    SendingOptions Sending { get; }

    /// <summary>Ends the run after this time; null for no limit.</summary>
    TimeSpan? Duration { get; }

    /// <summary>What is sent, in words.</summary>
    string Description { get; }

    /// <summary>Everything that is wrong with the settings, in words; none when they are valid.</summary>
    IEnumerable<string> Problems();

    /// <summary>The lanes. Each is made when its turn comes: a thousand files are not a thousand open files.</summary>
    IEnumerable<IEventLane> Lanes(TimeProvider time);

    /// <summary>How far a run is, 0 to 1.</summary>
    double Fraction(LoadStatistics statistics);
}
