using System.Security.Cryptography;

namespace LogPartitioning.AppHost.Machine;

/// <summary>Files that only their owner can read.</summary>
internal static class PrivateFile
{
    private const int PasswordLength = 32;

    // Letters and digits alone: no place where a password ends up needs quoting.
    private const string PasswordCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Writes <paramref name="content"/>, with the permission in place before the first byte is.</summary>
    public static void Write(string file, string content)
    {
        File.Delete(file);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, options);
        writer.Write(content);
    }

    /// <summary>The password in <paramref name="file"/>; a new random one is written there when it holds none.</summary>
    public static string Password(string file)
    {
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var password = RandomNumberGenerator.GetString(PasswordCharacters, PasswordLength);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Write(file, password);
        return password;
    }
}
