using System.Security.Cryptography;
using System.Text;

namespace LogPartitioning.LoadTest.Ledgers;

/// <summary>An acknowledged event, as the ledger remembers it.</summary>
/// <param name="Run">The run that sent it.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Sequence">Its place among the run's events of this source, from 1, in the order sent.</param>
/// <param name="Partition">The acknowledged partition.</param>
/// <param name="Offset">The acknowledged offset.</param>
/// <param name="Key">The record key, where the answer told it.</param>
/// <param name="Attempts">How often it was sent; above 1 an earlier attempt may have got through.</param>
/// <param name="Hash">The message's <see cref="MessageHash"/>.</param>
public sealed record LedgerEntry(
    Guid Run, Guid Id, string Source, long Sequence, int Partition, long Offset, string? Key, int Attempts, string Hash)
{
    /// <summary>Sent more than once with the same id.</summary>
    public bool Retried => Attempts > 1;

    /// <summary>The first 16 bytes of SHA-256 over the message's UTF-8, in hexadecimal.</summary>
    public static string MessageHash(string message)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(message), digest);
        return Convert.ToHexStringLower(digest[..16]);
    }
}

/// <summary>An event that was sent and given up: it may be stored or not.</summary>
/// <param name="Run">The run that sent it.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Sequence">Its place among the run's events of this source.</param>
public sealed record UnknownEntry(Guid Run, Guid Id, string Source, long Sequence);
