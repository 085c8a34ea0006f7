using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>
/// Takes the place of Kestrel: requests come from the test, and go through everything that a service does with one. What Kestrel
/// itself refuses is not seen here.
/// </summary>
internal sealed class ServerInMemory : IServer
{
    private Func<Exchange, Task> _process = _ => throw new InvalidOperationException("The server has not started.");

    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <summary>Lets the service answer.</summary>
    public Task AskAsync(Exchange exchange) => _process(exchange);

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _process = async exchange =>
        {
            var context = application.CreateContext(exchange.Features);
            Exception? thrown = null;
            try
            {
                await application.ProcessRequestAsync(context);
                await exchange.EndAsync();
            }
            catch (Exception e)
            {
                thrown = e;
                throw;
            }
            finally
            {
                application.DisposeContext(context, thrown);
            }
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
    }
}
