using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.Tests.AppHost.Machine;

public sealed class PrivateFileTests
{
    [Fact]
    public void A_password_is_made_once_and_only_its_owner_can_read_it()
    {
        using var folder = new TemporaryFolder();
        var file = folder.At("secrets", "password");

        var password = PrivateFile.Password(file);

        Assert.Matches("^[A-Za-z0-9]{32}$", password);
        Assert.Equal(password, PrivateFile.Password(file));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }
}
