using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Browser;

/// <summary>The scripts of <c>node/</c>, which drive Debian's Chromium with Playwright.</summary>
public sealed class BrowserScripts() : NodeFolder("LogPartitioning.Tests/Browser/node")
{
    /// <summary>Why no page can be looked at, in words; null where one can.</summary>
    public string? WhyNot => InstalledPrograms.Find("chromium") is null ? "chromium is not installed" : WhatIsMissing;
}
