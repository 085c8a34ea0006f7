using System.Net.Sockets;
using LogPartitioning.Consumer.Storage;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Storage;

public sealed class StoreFailureTests
{
    [Theory]
    [InlineData("22021", StoreFailureKind.Data)]
    [InlineData("22P05", StoreFailureKind.Data)]
    [InlineData("22003", StoreFailureKind.Data)]
    [InlineData("22008", StoreFailureKind.Data)]
    [InlineData("22P02", StoreFailureKind.Data)]
    [InlineData("54000", StoreFailureKind.Data)]
    [InlineData("28P01", StoreFailureKind.Operator)]
    [InlineData("3D000", StoreFailureKind.Operator)]
    [InlineData("42P01", StoreFailureKind.Operator)]
    [InlineData("53100", StoreFailureKind.Operator)]
    [InlineData("22001", StoreFailureKind.Operator)] // a column that was made narrower
    [InlineData("22P03", StoreFailureKind.Operator)] // a column of another type
    [InlineData("23502", StoreFailureKind.Operator)] // a column of somebody else's that must not be null
    [InlineData("23505", StoreFailureKind.Operator)]
    [InlineData("23514", StoreFailureKind.Operator)]
    [InlineData("25006", StoreFailureKind.Operator)] // a server that was a replica when the session began
    [InlineData("42703", StoreFailureKind.Operator)] // a column that is gone
    [InlineData("40001", StoreFailureKind.Transient)]
    [InlineData("40P01", StoreFailureKind.Transient)]
    [InlineData("53300", StoreFailureKind.Transient)]
    [InlineData("57P01", StoreFailureKind.Transient)]
    [InlineData("57014", StoreFailureKind.Transient)] // a statement timeout
    [InlineData("08006", StoreFailureKind.Transient)]
    [InlineData("XX000", StoreFailureKind.Transient)]
    public void Each_SQL_state_has_its_kind_of_failure(string state, object expected) =>
        Assert.Equal((StoreFailureKind)expected, StoreFailure.Classify(new PostgresException("message", "ERROR", "ERROR", state)));

    [Fact]
    public void A_broken_connection_is_transient() =>
        Assert.Equal(StoreFailureKind.Transient, StoreFailure.Classify(new NpgsqlException("broken", new SocketException(104))));

    [Fact]
    public void An_unknown_failure_is_transient() =>
        Assert.Equal(StoreFailureKind.Transient, StoreFailure.Classify(new InvalidOperationException("?")));
}
