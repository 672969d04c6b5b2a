/** Daemons of one cluster among themselves: who does what is done once. */
export * from './etcd-lease.ts';
export * from './leader-election.ts';
export * from './lease-record.ts';
export * from './while-leading.ts';
export { eventOfProblem, eventTime } from './events/event-of-problem.ts';
export { EventCorrelator } from './events/correlator.ts';
