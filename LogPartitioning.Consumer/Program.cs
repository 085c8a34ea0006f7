using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reporting;

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
