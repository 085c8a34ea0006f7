using System.Security.Cryptography;

namespace LogPartitioning.AppHost.Processes;

/// <summary>A password that is made up once and kept in a file which only its owner can read.</summary>
internal static class GeneratedPassword
{
    private const int Length = 32;

    // Letters and digits alone: no place where the password ends up needs quoting.
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>The password in <paramref name="file"/>, made up now where there is none.</summary>
    public static string In(string file)
    {
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var password = RandomNumberGenerator.GetString(Characters, Length);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        PrivateFile.Write(file, password);
        return password;
    }
}
