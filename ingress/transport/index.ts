/** Between streams and messages: deadlines, queues and writes. */
export { Composer } from './composer.ts';
export { Deadline, DeadlineWheel, type Expirable } from './deadline-wheel.ts';
export { HeldBytes } from './held-bytes.ts';
export { Output } from './output.ts';
export { connectTls, tlsStream } from './tls-streams.ts';
