using System.Buffers;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Finds the events in a body as it arrives.</summary>
internal interface IBodyScanner
{
    /// <summary>Takes every event that is whole.</summary>
    /// <param name="buffer">What has arrived and is not yet used up.</param>
    /// <param name="final">Whether nothing follows.</param>
    /// <returns>Up to where <paramref name="buffer"/> is used up. When <paramref name="final"/>, the rest does not matter.</returns>
    /// <exception cref="RequestRefusedException">The body cannot be read, or has too many events.</exception>
    SequencePosition Scan(ReadOnlySequence<byte> buffer, bool final);
}
