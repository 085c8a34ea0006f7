using System.Diagnostics;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>Makes an input smaller that does something wrong, as long as it does the same.</summary>
internal static class Shrinking
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <param name="bytes">The input.</param>
    /// <param name="fails">Whether another one fails in the same way.</param>
    public static async Task<byte[]> ShrinkAsync(byte[] bytes, Func<byte[], Task<bool>> fails)
    {
        var watch = Stopwatch.StartNew();
        for (var chunk = Math.Max(1, bytes.Length / 2); ; chunk = Math.Max(1, chunk / 2))
        {
            var shorter = false;
            for (var at = 0; at < bytes.Length && watch.Elapsed < s_patience;)
            {
                byte[] candidate = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(Math.Min(bytes.Length, at + chunk))];
                if (await fails(candidate))
                {
                    (bytes, shorter) = (candidate, true);
                }
                else
                {
                    at += chunk;
                }
            }

            if ((chunk == 1 && !shorter) || watch.Elapsed >= s_patience)
            {
                return bytes;
            }
        }
    }
}
