import type { RouterRunner } from './router-runner.ts';

/**
 * Virtual routers that are Active together or not at all: otherwise traffic would go in through one
 * machine and out through another. All must want to become Active before one does; one that
 * leaves takes the others along; a fault of one is a fault of all.
 */
export class SyncGroup {
  readonly #members: readonly RouterRunner[];

  constructor(members: readonly RouterRunner[]) {
    this.#members = members;
  }

  /** A member asked to become Active. */
  asked(nowMs: number): void {
    const ready = this.#members.every(
      ({ state }) => state.kind === 'active' || (state.kind === 'backup' && state.asking),
    );
    if (!ready) return;
    for (const member of this.#members) {
      member.tell('granted', nowMs, 'every member of its group heard no advert in time');
    }
  }

  /** A member changed its state. */
  moved(runner: RouterRunner, nowMs: number): void {
    this.refresh(nowMs);
    // The others retire as well: not to be cut short.
    if (runner.state.kind === 'active' || runner.state.kind === 'retiring') return;
    for (const member of this.#members) {
      if (member !== runner && member.state.kind === 'active') {
        member.tell('yield', nowMs, `${runner.spec.name} of its group is not Active any more`);
      }
    }
  }

  /** Spreads faults, and their end. */
  refresh(nowMs: number): void {
    for (const member of this.#members) {
      const others = this.#members.filter((one) => one !== member);
      member.setGroupFault(
        others.some((one) => one.fault !== undefined),
        nowMs,
      );
    }
  }
}
