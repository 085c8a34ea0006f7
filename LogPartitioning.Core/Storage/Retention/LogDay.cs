namespace LogPartitioning.Core.Storage.Retention;

/// <summary>A day's partitions at the store.</summary>
/// <param name="Day">The day, by UTC.</param>
/// <param name="Events">How many events it has, about.</param>
/// <param name="EventBytes">What its events and counts take on the disk, with their indexes.</param>
/// <param name="Ids">How many ids name the day, about.</param>
/// <param name="IdBytes">What these take on the disk.</param>
public sealed record LogDay(DateOnly Day, long Events, long EventBytes, long Ids, long IdBytes);
