using LogPartitioning.Producer.Ingest;

namespace LogPartitioning.Tests.Producer.Ingest;

/// <summary>What holds for every protocol, whatever bytes it is given: it reads them, or refuses them in its own words, and needs no more memory than they allow.</summary>
internal static class AnyBytes
{
    /// <summary>More than a body, its copy and the records may take together.</summary>
    private const long MaxAllocated = 512L * 1024 * 1024;

    /// <summary>Whether bytes are read or refused.</summary>
    public static bool AreReadOrRefused(IIngestProtocol protocol, byte[] body, string type, string path = "/", params (string Name, string Value)[] headers)
    {
        try
        {
            var read = ReadRequest.OfAsync(protocol, body, type, path, headers).GetAwaiter().GetResult();
            return read.Events.Count + read.Problems.Count == read.Batch.Entries.Count;
        }
        catch (RequestRefusedException refused)
        {
            return refused.Status is >= 400 and < 500 && refused.Message.Length is > 0 and < 2000;
        }
    }

    /// <summary>A good body with some bytes changed, cut out or repeated.</summary>
    public static byte[] Broken(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var i = random.Next(1, 5); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, random.Next(Math.Min(16, bytes.Count - at)));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(Math.Min(16, bytes.Count - at))));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Reads what should be refused or rejected, and asserts that it took no more memory than a request may.</summary>
    public static async Task<T> WithSteadyMemoryAsync<T>(Func<Task<T>> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = await read();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        return result;
    }
}
