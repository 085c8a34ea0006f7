import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { gateway } from './numbered.mjs';
import { send } from './otlp.mjs';

await send(() => new OTLPLogExporter({ url: `${gateway}/v1/logs`, timeoutMillis: 60000 }));
