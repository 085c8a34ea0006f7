import pino from 'pino';
import { pinoLoki } from 'pino-loki';
import { finished } from 'node:stream/promises';
import { gateway, numbered } from './numbered.mjs';

// It does not send again: what is not taken in time is dropped. As it comes it waits 30 s.
const stream = pinoLoki({ host: gateway, batching: { interval: 0.2 }, propsToLabels: ['app'], logFormat: '{msg}' });
const log = pino({}, stream);
await numbered((app, message) => log.info({ app }, message));
stream.end();
await finished(stream, { readable: false });
