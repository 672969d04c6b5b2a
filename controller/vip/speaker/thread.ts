/**
 * The speaker's own thread: it waits in the kernel and not in an event loop, on monotonic time, so
 * that nothing the rest of the daemon does makes an advert late.
 */
import { readSync } from 'node:fs';
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { describeError, PortolanError } from '../../base/index.ts';
import type { LinkListener } from '../link/link.ts';
import type { LinuxLink } from '../link/linux-link.ts';
import { monotonicMs } from './monotonic.ts';
import type { SpeakerMessage, SpeakerRequest } from './protocol.ts';
import { Speaker } from './speaker.ts';

/** How often the daemon gets a status. */
const statusMs = 1000;
/** Troubles reported between two statuses: one that repeats must not fill the log. */
const maxTroubles = 20;
/** Wait before what could not be opened is tried again. */
const reopenMs = 1000;

class SpeakerThread {
  readonly #port: MessagePort;
  readonly #link: LinuxLink;
  readonly #wakeFd: number;
  readonly #speaker: Speaker;
  readonly #listener: LinkListener;
  readonly #wakeBuffer = new Uint8Array(8);
  #stopping = false;
  #troubles = 0;
  #statusAtMs = 0;
  #listenAtMs = Number.POSITIVE_INFINITY;

  constructor(port: MessagePort, link: LinuxLink, wakeFd: number) {
    this.#port = port;
    this.#link = link;
    this.#wakeFd = wakeFd;
    this.#speaker = new Speaker(link, () => performance.now(), {
      transition: ({ name, state, priority }, from, reason) =>
        this.#post({ kind: 'transition', name, from, to: state, reason, priority }),
      claim: ({ name }, wanted) => this.#post({ kind: 'claim', name, wanted }),
      rivals: ({ name }, cause) => this.#post({ kind: 'rivals', name, cause }),
      trouble: ({ name }, reason, message) => this.#trouble(name, reason, message),
    });
    this.#listener = {
      packet: (packet) => this.#speaker.packet(packet),
      frame: (via, frame) => this.#speaker.frame(via, frame),
      interfacesChanged: () => {
        this.#listen();
        this.#speaker.interfacesChanged();
      },
    };
  }

  /** Runs until told to stop. */
  run(): void {
    this.#post({ kind: 'ready', wakeFd: this.#wakeFd });
    while (!this.#stopping || !this.#speaker.retired) {
      const nextMs = Math.min(this.#speaker.nextMs(), this.#statusAtMs, this.#listenAtMs);
      // What waits is heard before anything is sent: after a sleep, we may find that we lost.
      const woken = this.#link.wait(Math.max(0, nextMs - performance.now()), this.#listener);
      if (woken) this.#takeRequests();
      this.#speaker.run();
      const nowMs = performance.now();
      if (nowMs >= this.#listenAtMs) this.#listen();
      if (nowMs >= this.#statusAtMs) this.#status(nowMs);
    }
    this.#speaker.stop();
    this.#status(performance.now());
  }

  #takeRequests(): void {
    readSync(this.#wakeFd, this.#wakeBuffer);
    for (;;) {
      const received: { message: SpeakerRequest } | undefined = receiveMessageOnPort(this.#port);
      if (!received) return;
      this.#do(received.message);
    }
  }

  #do(request: SpeakerRequest): void {
    switch (request.kind) {
      case 'apply':
        this.#speaker.apply(request.specs, () => this.#listen());
        return;
      case 'track':
        this.#speaker.track(request.name, request.tracking);
        return;
      case 'grant': {
        const leftMs = request.untilMonotonicMs - monotonicMs();
        this.#speaker.grant(request.name, performance.now() + leftMs);
        return;
      }
      case 'revoke':
        this.#speaker.revoke(request.name, request.reason);
        return;
      case 'stop':
        this.#stopping = true;
        this.#speaker.retire();
    }
  }

  #listen(): void {
    const errors = this.#link.listen(this.#speaker.uses());
    this.#listenAtMs = errors.length > 0 ? performance.now() + reopenMs : Number.POSITIVE_INFINITY;
    for (const error of errors) this.#trouble('', 'SocketNotOpened', describeError(error));
  }

  #trouble(name: string, reason: string, message: string): void {
    this.#troubles += 1;
    if (this.#troubles <= maxTroubles) this.#post({ kind: 'trouble', name, reason, message });
  }

  #status(nowMs: number): void {
    this.#statusAtMs = nowMs + statusMs;
    this.#troubles = 0;
    const speaker = this.#speaker;
    const report = {
      routers: speaker.status(),
      counts: speaker.counts(),
      maxLatenessMs: speaker.takeLatenessMs(),
    };
    this.#post({ kind: 'status', report });
  }

  #post(message: SpeakerMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is windows' alone
    this.#port.postMessage(message);
  }
}

/** Opens what can fail here alone: the C library, then the sockets. */
async function start(port: MessagePort): Promise<void> {
  const { openWakeDescriptor } = await import('../link/wake.ts');
  const { LinuxLink } = await import('../link/linux-link.ts');
  using wake = openWakeDescriptor();
  using link: LinuxLink = new LinuxLink(wake.fd);
  new SpeakerThread(port, link, wake.fd).run();
}

if (parentPort) {
  const port = parentPort;
  await start(port).catch((error: unknown) => {
    const code = error instanceof PortolanError ? error.code : 'NoLink';
    const message: SpeakerMessage = { kind: 'unable', code, message: describeError(error) };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is windows' alone
    port.postMessage(message);
  });
  port.close();
}
