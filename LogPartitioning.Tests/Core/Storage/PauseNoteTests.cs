using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class PauseNoteTests
{
    private static readonly DateTimeOffset s_since = new(2026, 11, 22, 8, 0, 0, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("anna", "the \"disk\" {", "paused by an operator since 2026-11-22T07:00:00Z (key anna): the \"disk\" {")]
    [InlineData(null, "the disk", "paused by an operator since 2026-11-22T07:00:00Z: the disk")]
    [InlineData(null, null, "paused by an operator since 2026-11-22T07:00:00Z")]
    public void What_is_kept_is_read_as_it_was(string? by, string? reason, string words)
    {
        var halt = PartitionHalt.FromRecord(HaltCause.Paused, new PauseNote(by, reason).ToStored(), s_since);

        Assert.Equal((new PauseNote(by, reason), words, true), (halt.Pause, halt.Detail, halt.IsPause));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("by hand", "by hand")]
    [InlineData("null", null)]
    [InlineData("[1]", "[1]")]
    public void What_somebody_wrote_by_hand_is_the_reason(string stored, string? reason) =>
        Assert.Equal(new PauseNote(null, reason), PauseNote.Parse(stored));

    [Fact]
    public void Another_halt_has_no_note()
    {
        var halt = PartitionHalt.FromRecord(HaltCause.LogReplaced, "another topic", s_since);
        Assert.Equal((null, "another topic", false), (halt.Pause, halt.Detail, halt.IsPause));
    }
}
