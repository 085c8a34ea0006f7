import winston from 'winston';
import LokiTransport from 'winston-loki';
import { gateway, numbered } from './numbered.mjs';

// As it comes: Protocol Buffers packed with snappy. After a failure it waits a minute, and then sends what failed together with what came since.
const loki = new LokiTransport({ host: gateway, interval: 0.2, timeout: 30000, labels: {}, format: winston.format.printf(({ message }) => message), onConnectionError: error => console.error(String(error)) });
const log = winston.createLogger({ transports: [loki] });
await numbered((app, message) => log.info({ message, labels: { app } }));
// It waits for the request under way and sends what is left; flush() ends with the request under way, whatever came since.
await loki.close();
process.exit(0);
