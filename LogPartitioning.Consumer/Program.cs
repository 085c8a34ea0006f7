using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reporting;
using LogPartitioning.Consumer.Storage;

if (StoreMigration.IsAskedFor(args))
{
    return await StoreMigration.RunAsync(args);
}

return CheckedStart.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddConsumer();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapConsumerApi();
    return app;
});
