import winston from 'winston';
import { ElasticsearchTransport } from 'winston-elasticsearch';
import { setTimeout as wait } from 'node:timers/promises';
import { gateway, numbered } from './numbered.mjs';

const elasticsearch = new ElasticsearchTransport({ clientOpts: { node: `${gateway}/elasticsearch` }, flushInterval: 200, useTransformer: false, indexPrefix: 'winston', retryLimit: 60 });
elasticsearch.on('warning', error => console.error(String(error)));
const log = winston.createLogger({ transports: [elasticsearch] });
await numbered((name, message) => log.info({ message, 'service.name': name }));
while (elasticsearch.bulkWriter.bulk.length > 0) {
  await wait(100);
}
await elasticsearch.flush();
// What it is sending when it is asked to flush, it does not wait for.
await wait(2000);
process.exit(0);
