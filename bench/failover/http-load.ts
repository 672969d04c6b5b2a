/**
 * Loads `URL` for so many milliseconds and prints one JSON line: what was answered, what was not,
 * and the longest time without any answer. Prints `ready` with the first answer.
 */
import autocannon from 'autocannon';

const [url = '', durationMs = '0'] = process.argv.slice(2);
const connections = 20;
/** A request whose node died is given up after it: then the connection is made anew. */
const timeoutSec = 1;

let answeredAtMs: number | undefined;
let silentMs = 0;
let refused = 0;

const ended = Promise.withResolvers<autocannon.Result>();
const instance = autocannon(
  {
    url,
    connections,
    timeout: timeoutSec,
    duration: Math.ceil(Number(durationMs) / 1000),
  },
  (error: unknown, result) => {
    if (error) ended.reject(error);
    else ended.resolve(result);
  },
);
instance.on('response', (_client, status) => {
  const nowMs = performance.now();
  if (status !== 200) {
    refused += 1;
    return;
  }
  if (answeredAtMs === undefined) process.stdout.write('ready\n');
  else silentMs = Math.max(silentMs, nowMs - answeredAtMs);
  answeredAtMs = nowMs;
});
const { errors, timeouts, requests } = await ended.promise;
const result = { answered: requests.total - refused, refused, errors, timeouts, silentMs };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
