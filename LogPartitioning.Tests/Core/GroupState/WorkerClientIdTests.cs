using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Tests.Core.GroupState;

public sealed class WorkerClientIdTests
{
    [Theory]
    [InlineData("consumer-1/0", "0/consumer-1")]
    [InlineData("host/4711/12", "12/host/4711")]
    public void A_client_id_leads_back_to_the_workers_name(string name, string clientId)
    {
        Assert.Equal(clientId, WorkerClientId.FromName(name));
        Assert.Equal(name, WorkerClientId.ToName(clientId));
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("other/tool")]
    [InlineData("7/")]
    public void Other_clients_keep_their_ids(string clientId) => Assert.Equal(clientId, WorkerClientId.ToName(clientId));

    [Fact]
    public void In_the_order_of_their_ids_workers_of_different_instances_alternate()
    {
        string[] names = ["consumer-1/0", "consumer-1/1", "consumer-2/0", "consumer-2/1"];

        var ordered = names.Select(WorkerClientId.FromName).Order(StringComparer.Ordinal).Select(WorkerClientId.ToName);

        Assert.Equal(["consumer-1/0", "consumer-2/0", "consumer-1/1", "consumer-2/1"], ordered);
    }
}
