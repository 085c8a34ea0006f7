using System.Globalization;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Clients.Syslog;

/// <summary><c>logger</c> of util-linux as it comes. It sends what it is given and ends; it cannot try again, so the producer goes away between two of it.</summary>
[Trait("Category", "Slow")]
[Collection(SharedApplication.Name)]
public sealed class LoggerTests(ApplicationFixture fixture)
{
    private const int Events = 10_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [SkippableTheory]
    [InlineData("-T", "--rfc5424")]
    [InlineData("-T", "--rfc3164")]
    [InlineData("-T", "--rfc5424", "--octet-count")]
    public async Task Over_tcp_all_is_stored_once_and_in_order_before_and_after_a_kill(params string[] arguments)
    {
        using var files = new NumberedFiles("logger");
        await SendAsync(files, arguments, 0, Events / 2);
        await StoredNumbers.SeesAsync(fixture.Application.Logs, files.Sources, Events / 2, s_patience);
        await fixture.Application.KillAsync("producer");
        await fixture.Application.WaitUntilHealthyAsync("producer", s_patience);
        await SendAsync(files, arguments, Events / 2, Events / 2);
        var stored = await StoredNumbers.SeesAsync(fixture.Application.Logs, files.Sources, Events, s_patience);
        stored.AssertOnce();
        stored.AssertInOrder();
    }

    /// <summary>No more at a time than the kernel keeps for a receiver that is at work.</summary>
    [SkippableTheory]
    [InlineData("-d", "--rfc5424")]
    [InlineData("-d", "--rfc3164")]
    public async Task Over_udp_what_the_kernel_has_room_for_is_stored_once_and_in_order(params string[] arguments)
    {
        const int Part = 100;
        const int All = 2_000;
        using var files = new NumberedFiles("logger");
        for (var first = 0; first < All; first += Part)
        {
            await SendAsync(files, arguments, first, Part);
            await StoredNumbers.SeesAsync(fixture.Application.Logs, files.Sources, first + Part, s_patience);
        }

        var stored = await StoredNumbers.SeesAsync(fixture.Application.Logs, files.Sources, All, s_patience);
        stored.AssertOnce();
        stored.AssertInOrder();
    }

    private static async Task SendAsync(NumberedFiles files, string[] arguments, int first, int count)
    {
        Skip.If(InstalledServersProbe.WhatIsMissing is not null && !InstalledServersProbe.OnCi, InstalledServersProbe.WhatIsMissing);
        var logger = SyslogProgram.Require("logger");
        for (var i = 0; i < files.Sources.Count; i++)
        {
            var source = files.Sources[i];
            await File.WriteAllTextAsync(files.Of(source), NumberedFiles.Text(Enumerable.Range(first, count).Where(number => number % files.Sources.Count == i)));
            var port = ApplicationFixture.SyslogPort.ToString(CultureInfo.InvariantCulture);
            await ChildProgram.RunAsync(logger, ["-n", "127.0.0.1", "-P", port, .. arguments, "-t", source, "-f", files.Of(source)]);
        }
    }
}
