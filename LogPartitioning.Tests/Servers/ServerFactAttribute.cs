namespace LogPartitioning.Tests.Integration;

/// <summary>A test that needs the real servers. Where one is not installed, the test is skipped and names it;
/// on CI, where all must be, it runs and fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ServerFactAttribute : FactAttribute
{
    public ServerFactAttribute() => Skip = InstalledServersProbe.OnCi ? null : InstalledServersProbe.WhatIsMissing;
}

/// <summary>A theory that needs the real servers, as <see cref="ServerFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ServerTheoryAttribute : TheoryAttribute
{
    public ServerTheoryAttribute() => Skip = InstalledServersProbe.OnCi ? null : InstalledServersProbe.WhatIsMissing;
}
