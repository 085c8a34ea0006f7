using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.AppHost.Machine;

public sealed class PublicFilesTests
{
    [Fact]
    public async Task A_container_can_read_the_copy_of_a_folder_that_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        folder.AddFile("private", "below", "file");
        folder.AddFile("private", "file");
        await ChildProgram.RunAsync("chmod", ["-R", "go=", folder.At("private")]);

        PublicFiles.Copy(folder.At("private"), folder.At("copy"));

        var modes = await ChildProgram.RunAsync("stat", ["-c", "%a", folder.At("copy"), folder.At("copy", "file"), folder.At("copy", "below"), folder.At("copy", "below", "file")]);
        Assert.Equal("755\n644\n755\n644\n", modes);
    }
}
