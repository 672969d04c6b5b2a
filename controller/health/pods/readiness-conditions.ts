import type { Condition, Pod } from '../../objects/index.ts';

/** How one probed container fares. */
export interface ContainerReadiness {
  readonly container: string;
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason: string | undefined;
}

/** The engine's own reasons: by them it knows its conditions after a restart. */
const succeeded = 'ProbesSucceeded';
const failing = 'ProbesFailing';
const gatesNotReady = 'ReadinessGatesNotReady';
const completed = 'PodCompleted';
const ownReasons: ReadonlySet<string> = new Set([succeeded, failing, gatesNotReady, completed]);
const ownTypes: ReadonlySet<string> = new Set(['ContainersReady', 'Ready']);

/** True if an earlier run of the engine left the Pod's containers ready. */
export function wasReady(pod: Pod): boolean {
  return conditionsOf(pod).some(
    ({ type, status, reason }) =>
      type === 'ContainersReady' && status === 'True' && reason === succeeded,
  );
}

/** True if the engine wrote any of the Pod's conditions. */
export function hasOwnConditions(pod: Pod): boolean {
  return conditionsOf(pod).some(isOwn);
}

/**
 * The Pod's conditions, `ContainersReady` and `Ready` as the containers have it. The Pod is ready
 * when all probed containers and all its readiness gates (KEP-580) are. Undefined: nothing changes.
 */
export function readinessConditions(
  pod: Pod,
  containers: readonly ContainerReadiness[],
  now: string,
): readonly Condition[] | undefined {
  const containersReady = containersCondition(pod, containers);
  const ready = readyCondition(pod, containersReady);
  return replaceConditions(pod, [containersReady, ready], now);
}

/** The Pod's conditions without the engine's own. Undefined: nothing changes. */
export function withoutOwnConditions(pod: Pod): readonly Condition[] | undefined {
  if (!hasOwnConditions(pod)) return undefined;
  return conditionsOf(pod).filter((condition) => !isOwn(condition));
}

/** A Pod that has run to its end is never ready again. */
export function isCompleted(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function containersCondition(pod: Pod, containers: readonly ContainerReadiness[]): Condition {
  const type = 'ContainersReady';
  if (isCompleted(pod)) return { type, status: 'False', reason: completed };
  const unready = containers.filter(({ ready }) => !ready);
  if (unready.length === 0) return { type, status: 'True', reason: succeeded };
  const message = unready
    .map(({ container, reason }) => `${container}: ${reason ?? 'not probed yet'}`)
    .join('; ');
  return { type, status: 'False', reason: failing, message };
}

function readyCondition(pod: Pod, containersReady: Condition): Condition {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const gates = (pod.spec?.readinessGates ?? []).map((gate) => gate.conditionType);
  const closed = gates.filter((gate) => !isTrue(pod, gate));
  if (closed.length === 0) return { ...containersReady, type: 'Ready' };
  const message = `conditions that are not True: ${closed.join(', ')}`;
  return { type: 'Ready', status: 'False', reason: gatesNotReady, message };
}

function replaceConditions(
  pod: Pod,
  wanted: readonly Condition[],
  now: string,
): readonly Condition[] | undefined {
  const before = conditionsOf(pod);
  const stamped = wanted.map((condition): Condition => {
    const old = before.find(({ type }) => type === condition.type);
    if (old && sameCondition(old, condition)) return old;
    const since = old?.status === condition.status ? old.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: since ?? now };
  });
  if (stamped.every((condition) => before.includes(condition))) return undefined;
  return [...before.filter(({ type }) => !ownTypes.has(type)), ...stamped];
}

function sameCondition(a: Condition, b: Condition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}

function isTrue(pod: Pod, conditionType: string): boolean {
  return conditionsOf(pod).some(({ type, status }) => type === conditionType && status === 'True');
}

function isOwn({ type, reason }: Condition): boolean {
  return ownTypes.has(type) && reason !== undefined && ownReasons.has(reason);
}

function conditionsOf(pod: Pod): readonly Condition[] {
  return pod.status?.conditions ?? [];
}
