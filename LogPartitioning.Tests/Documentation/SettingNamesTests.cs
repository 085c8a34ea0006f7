using System.Collections;

namespace LogPartitioning.Tests.Documentation;

/// <summary>
/// No setting takes free text as its name: there letter case does not count, a colon divides, and so do two underscores of an
/// environment variable. What is free text is a value.
/// </summary>
public sealed class SettingNamesTests
{
    // Their names are those of the client library, and of the levels; every other is refused.
    private static readonly string[] s_ofAClosedSet = ["Kafka:Client", "Store:RetentionDaysByLevel"];

    [Fact]
    public void No_setting_has_free_text_as_its_name()
    {
        var named = ServiceSettings.All().Where(setting => setting.Default is IDictionary).Select(setting => setting.Name);

        Assert.Equal(s_ofAClosedSet, named.Order(StringComparer.Ordinal));
    }
}
