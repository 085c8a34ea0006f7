using LogPartitioning.LoadTest.Commands;

return await CommandLine.RunAsync(args);
