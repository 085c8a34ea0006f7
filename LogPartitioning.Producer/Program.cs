using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Mapping;

return CheckedStart.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddProducer();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapIngest();
    app.MapMappingApi();
    return app;
});
