import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { grpc } from './numbered.mjs';
import { send } from './otlp.mjs';

await send(() => new OTLPLogExporter({ url: grpc, timeoutMillis: 60000 }));
