using System.ComponentModel.DataAnnotations;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.Query;

public sealed class QueryOptionsTests
{
    [Theory]
    [InlineData(2_000_000, 0)]
    [InlineData(1_000, 0)]
    [InlineData(999, 1)]
    [InlineData(1_000_000_001, 1)]
    public void A_bound_that_bounds_nothing_or_everything_is_refused(long most, int problems)
    {
        var options = new QueryOptions { MaxSearchedEvents = most };

        Assert.Equal(problems, options.Validate(new ValidationContext(options)).Count());
    }
}
