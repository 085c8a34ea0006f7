import pino from 'pino';
import pinoElasticsearch from 'pino-elasticsearch';
import { gateway, numbered } from './numbered.mjs';

// It tries three times, without a pause, and drops what it has then: the gateway is to hold it for longer. Its flushInterval stays the 30 s that it is: when the timer comes while five
// requests are under way, what it flushes waits for a turn that a larger batch may take from it, and is lost in the client.
const stream = pinoElasticsearch({ node: `${gateway}/elasticsearch`, index: 'pino', esVersion: 8, flushBytes: 16384 });
const done = new Promise((resolve, reject) => {
  stream.on('insert', resolve);
  stream.on('insertError', reject);
  stream.on('error', reject);
});
const log = pino({}, stream);
await numbered((name, message) => log.info({ service: { name } }, message));
stream.end();
console.log(await done);
