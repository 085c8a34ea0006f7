namespace LogPartitioning.LoadTest.Checks;

/// <summary>One check of a running system.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Figures">What was seen, with figures.</param>
internal sealed record CheckResult(string Name, bool Passed, string Figures);
