// A logger for each source, as OpenTelemetry has them: what a program is belongs to its resource.
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { numbered } from './numbered.mjs';

/** Sends by the exporters that a function makes. */
export async function send(exporter) {
  const providers = new Map();
  const providerOf = source => {
    if (!providers.has(source)) {
      const processor = new BatchLogRecordProcessor({ exporter: exporter(), maxQueueSize: 20000, scheduledDelayMillis: 200, exportTimeoutMillis: 60000 });
      providers.set(source, new LoggerProvider({ resource: resourceFromAttributes({ 'service.name': source }), processors: [processor] }));
    }
    return providers.get(source);
  };
  await numbered((source, message) => providerOf(source).getLogger('numbered').emit({ severityNumber: 9, body: message }));
  for (const provider of providers.values()) {
    await provider.forceFlush();
    await provider.shutdown();
  }
}
