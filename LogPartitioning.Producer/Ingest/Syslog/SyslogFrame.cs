using System.Buffers;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>One message as it came.</summary>
/// <param name="Bytes">Its bytes, at most <see cref="SyslogFrames.MaxBytes"/>.</param>
/// <param name="Truncated">How many more it has, or should have had, which are not there.</param>
internal readonly record struct SyslogFrame(ReadOnlySequence<byte> Bytes, long Truncated);
