// Placeholder until the service stands.
var app = WebApplication.CreateBuilder(args).Build();
app.Run();
