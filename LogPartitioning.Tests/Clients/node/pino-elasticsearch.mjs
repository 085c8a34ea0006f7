import pino from 'pino';
import pinoElasticsearch from 'pino-elasticsearch';
import { gateway, numbered } from './numbered.mjs';

// It tries three times, without a pause, and drops what it has then: the gateway is to hold it for longer.
const stream = pinoElasticsearch({ node: `${gateway}/elasticsearch`, index: 'pino', esVersion: 8, flushBytes: 16384, flushInterval: 200 });
const done = new Promise((resolve, reject) => {
  stream.on('insert', resolve);
  stream.on('insertError', reject);
  stream.on('error', reject);
});
const log = pino({}, stream);
await numbered((name, message) => log.info({ service: { name } }, message));
stream.end();
console.log(await done);
