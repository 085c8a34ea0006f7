import pino from 'pino';
import pinoElasticsearch from 'pino-elasticsearch';
import { Client } from '@elastic/elasticsearch';
import { gateway, numbered } from './numbered.mjs';

// As it comes it tries three times, within a few seconds, and drops what it has then. The number of tries is an option of the client that it takes.
class PatientClient extends Client {
  constructor(options) {
    super({ ...options, maxRetries: 30 });
  }
}

const stream = pinoElasticsearch({ node: `${gateway}/elasticsearch`, index: 'pino', esVersion: 8, flushBytes: 16384, flushInterval: 200 }, { Client: PatientClient });
const done = new Promise((resolve, reject) => {
  stream.on('insert', resolve);
  stream.on('insertError', reject);
  stream.on('error', reject);
});
const log = pino({}, stream);
await numbered((name, message) => log.info({ service: { name } }, message));
stream.end();
console.log(await done);
