import pino from 'pino';
import pinoSeq from 'pino-seq';
import { gateway, numbered } from './numbered.mjs';

const stream = pinoSeq.createStream({ serverUrl: gateway, maxBatchingTime: 200, batchSizeLimit: 16384 });
const log = pino({ base: null }, stream);
await numbered((source, message) => log.info({ Application: source }, message));
await stream._logger.flush();
stream.end();
