/**
 * One node of a lab: runs the speaker with the virtual routers given as JSON, says what happens as
 * JSON lines, and ends gracefully when its standard input does.
 */
import { type SpeakerMessage, startSpeaker } from '../../../controller/vip/index.ts';

const say = (message: SpeakerMessage): void => {
  process.stdout.write(`${JSON.stringify({ atMs: Date.now(), ...message })}\n`);
};
const speaker = startSpeaker(say);
speaker.send({ kind: 'apply', specs: JSON.parse(process.argv[2] ?? '[]') });
process.stdin.resume();
for await (const _ of process.stdin);
await speaker[Symbol.asyncDispose]();
