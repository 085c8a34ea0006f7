using System.Buffers.Binary;

namespace LogPartitioning.Core.Storage;

/// <summary>
/// The day that an id names: a UUIDv7 begins with the time at which it was made. It decides in which partition of <c>log_event_ids</c> the
/// id stands. The function <c>log_id_day</c> of the database gives the same.
/// </summary>
public static class EventIdDay
{
    private const int Version7 = 7;

    private static readonly DateOnly s_epoch = DateOnly.FromDateTime(DateTime.UnixEpoch);
    private static readonly long s_day = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    // The driver writes DateOnly.MaxValue as infinity, which is another day to the database: the ids of that one day name none.
    private static readonly long s_end = (DateOnly.MaxValue.DayNumber - s_epoch.DayNumber) * s_day;

    /// <summary>An id that names none. The database has it as <c>-infinity</c>.</summary>
    public static DateOnly None => DateOnly.MinValue;

    /// <summary>The day by UTC; <see cref="None"/> for an id of another kind, or of a day after 9999-12-30.</summary>
    public static DateOnly Of(Guid id)
    {
        if (id.Version != Version7 || id.Variant is < 8 or > 11)
        {
            return None;
        }

        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
        return milliseconds < s_end ? s_epoch.AddDays((int)(milliseconds / s_day)) : None;
    }
}
