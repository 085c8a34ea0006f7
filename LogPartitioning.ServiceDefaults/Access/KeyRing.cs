using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>The keys that are let in now.</summary>
internal sealed class KeyRing
{
    private readonly Lock _lock = new();
    private volatile State _state;

    public KeyRing(IOptionsMonitor<ApiKeyOptions> options)
    {
        var configured = options.CurrentValue;
        _state = new([.. ConfiguredKeys.Read(configured).Keys], IsOpen: !configured.HasKeys);
    }

    /// <summary>Whether no keys have been known since the start, so that the address decides. Keys that go leave the door shut.</summary>
    public bool IsOpen => _state.IsOpen;

    /// <summary>Takes these keys in the place of those before.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="hasKeys">Whether there are any beside the services' own.</param>
    /// <returns>Whether they differ.</returns>
    public bool Replace(IReadOnlyList<KnownKey> keys, bool hasKeys)
    {
        lock (_lock)
        {
            var before = _state;
            _state = new([.. keys], before.IsOpen && !hasKeys);
            return !before.Keys.Select(key => key.Description).SequenceEqual(keys.Select(key => key.Description));
        }
    }

    /// <summary>The key that a client has shown, or null. It takes as long for one as for another, whichever matches.</summary>
    public KnownKey? Find(string shown)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(shown), hash);
        KnownKey? found = null;
        foreach (var key in _state.Keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
            {
                found = key;
            }
        }

        return found;
    }

    private sealed record State(KnownKey[] Keys, bool IsOpen);
}
