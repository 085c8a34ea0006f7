using System.Diagnostics;
using System.Text;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What is wrong with a reader is found, and told so that it can be seen again.</summary>
[Collection(AloneTests.Name)]
public sealed class ReaderFuzzRunTests
{
    private static readonly TimeSpan s_atMost = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(3);
    private static readonly byte[] s_seed = "{\"a\":[1,2,3]}"u8.ToArray();

    [Fact]
    public async Task A_good_reader_is_left_alone()
    {
        var report = await RunAsync(_ => "read");

        Assert.Empty(report.Findings);
        Assert.Equal(5_000, report.Inputs);
    }

    [Fact]
    public async Task An_exception_is_found_with_the_shortest_input()
    {
        var finding = Assert.Single((await RunAsync(input => input.Bytes.AsSpan().IndexOf("[["u8) >= 0 ? throw new InvalidOperationException("two in a row") : "read")).Findings);

        Assert.Equal("[[", Encoding.UTF8.GetString(finding.Input.Bytes));
        Assert.Contains("throws InvalidOperationException: two in a row", finding.ToString(), StringComparison.Ordinal);
        Assert.Contains($"--replay 'planted' {finding.Input.Variant} W1s=", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_promise_that_is_broken_is_found_once()
    {
        var finding = Assert.Single((await RunAsync(input =>
        {
            BrokenPromiseException.Unless(input.Bytes.Length != 3, $"there are not {input.Variant}");
            return "read";
        })).Findings);

        Assert.Equal(3, finding.Input.Bytes.Length);
    }

    [Fact]
    public async Task Work_that_grows_with_the_square_is_found()
    {
        var bounds = new FuzzBounds { Allocated = 100_000, AllocatedPerByte = 100 };
        var report = await RunAsync(input => $"{Enumerable.Range(0, input.Bytes.Length > 2_000 ? input.Bytes.Length : 0).Sum(_ => new byte[input.Bytes.Length].Length)}", bounds);

        Assert.Contains(report.Findings, finding => finding.What.StartsWith("allocates ", StringComparison.Ordinal));
    }

    /// <summary>What tests before this one left in the process goes when it will, and hides what the reader keeps meanwhile: again, then.</summary>
    [Fact]
    public async Task A_reader_that_keeps_what_it_reads_is_found()
    {
        var since = Stopwatch.GetTimestamp();
        var heaps = new List<string>();
        FuzzReport report;
        do
        {
            var kept = new List<byte[]>();
            report = await RunAsync(_ =>
            {
                kept.Add(new byte[10_000]);
                return "read";
            }, new() { Growth = 20_000_000, Pooled = TimeSpan.Zero });

            Assert.Equal(5_000, kept.Count);
            heaps.Add($"{report.HeapBefore:N0} to {report.HeapAfter:N0}");
        }
        while (report.Findings.Count == 0 && Stopwatch.GetElapsedTime(since) < s_rest);

        Assert.True(report.Findings.Count == 1, $"{report.Findings.Count} findings in {s_rest}; the heap, run by run: {string.Join("; ", heaps)}");
        Assert.Contains("the heap has grown", report.Findings[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_does_not_come_back_is_found()
    {
        var never = new TaskCompletionSource<string>();
        var reader = new FuzzedReader("planted", 1, [s_seed], _ => new ValueTask<string>(never.Task));
        var report = await new ReaderFuzz([reader], 1, new() { Hang = TimeSpan.FromMilliseconds(200) }, _ => { }).RunAsync(10, s_atMost, CancellationToken.None);

        Assert.Equal("does not come back", Assert.Single(report.Findings).What);
        never.SetResult("at last");
    }

    [Fact]
    public async Task The_seed_fixes_the_inputs()
    {
        var (first, second) = (new List<string>(), new List<string>());
        await RunAsync(input => Note(first, input));
        await RunAsync(input => Note(second, input));

        Assert.Equal(first, second);
        Assert.True(first.Distinct().Count() > 1_000);

        static string Note(List<string> inputs, FuzzInput input)
        {
            inputs.Add(Convert.ToBase64String(input.Bytes));
            return $"{input.Bytes.Length % 5}";
        }
    }

    private static Task<FuzzReport> RunAsync(Func<FuzzInput, string> read, FuzzBounds? bounds = null) =>
        new ReaderFuzz([new("planted", 1, [s_seed], read)], 1, bounds ?? new(), _ => { }).RunAsync(5_000, s_atMost, CancellationToken.None);
}
