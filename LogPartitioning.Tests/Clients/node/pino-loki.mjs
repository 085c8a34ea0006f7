import pino from 'pino';
import { pinoLoki } from 'pino-loki';
import { finished } from 'node:stream/promises';
import { gateway, numbered } from './numbered.mjs';

// With nothing to receive it in time, it drops what it has: it does not send again.
const stream = pinoLoki({ host: gateway, batching: { interval: 0.2 }, propsToLabels: ['app'], logFormat: '{msg}', timeout: 30000 });
const log = pino({}, stream);
await numbered((app, message) => log.info({ app }, message));
stream.end();
await finished(stream, { readable: false });
