/**
 * One node of a lab: runs the speaker with the virtual routers given as JSON, says what happens as
 * JSON lines, and ends gracefully when its standard input does.
 */
import { type SpeakerMessage, startSpeaker } from '../../../controller/vip/index.ts';

const say = (message: SpeakerMessage): void => {
  process.stdout.write(`${JSON.stringify({ atMs: Date.now(), ...message })}\n`);
};
const speaker = startSpeaker(say);
/** JSON has no bytes: a Buffer comes back as `{ type, data }`. */
const revive = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'data' in value && Array.isArray(value.data)
    ? Uint8Array.from(value.data)
    : value;
speaker.send({ kind: 'apply', specs: JSON.parse(process.argv[2] ?? '[]', revive) });
process.stdin.resume();
for await (const _ of process.stdin);
await speaker[Symbol.asyncDispose]();
