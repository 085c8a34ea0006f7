using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Mapping;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddProducer();

var app = builder.Build();
app.MapDefaultEndpoints();
app.UseRateLimiter();
app.MapLogsApi();
app.MapMappingApi();
return app.RunChecked();
