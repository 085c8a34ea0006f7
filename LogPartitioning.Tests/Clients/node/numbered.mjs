// What all clients send: numbered events of several sources, over some seconds, so that what receives them can be killed among them.
// usage: node <client>.mjs <address of the gateway> <name> <events> [<its address for OTLP over gRPC>]
import { setTimeout as wait } from 'node:timers/promises';

const [address, name, events, grpcAddress] = process.argv.slice(2);
const sources = 4;
const eventsATurn = 100;
const turn = 80;

/** The gateway's address, without a slash at its end. */
export const gateway = address.replace(/\/$/, '');

/** The gateway's address for OTLP over gRPC. */
export const grpc = grpcAddress;

/** Calls a function for each event with its source and its message. */
export async function numbered(log) {
  for (let i = 0; i < Number(events); i++) {
    log(`${name}-${i % sources}`, `event ${i}`);
    if (i % eventsATurn === 0) {
      await wait(turn);
    }
  }
}
