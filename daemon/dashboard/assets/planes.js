import { badge, fill, h, table } from './dom.js';

/**
 * What each plane has in force, worker by worker, and all problems.
 * @param {import('./live.js').Live} live
 */
export function planesView(live) {
  const planes = h('section', { 'aria-label': 'Planes' });
  const workers = h('section', { 'aria-label': 'Workers' });
  const problems = h('section', { 'aria-label': 'Problems' });
  const element = h('div', {}, planes, workers, problems);
  function update() {
    const { state } = live;
    if (!state) return;
    fill(
      planes,
      table(
        'Planes',
        ['Plane', 'Serves', 'Addresses', 'Compiled', 'In force', ''],
        state.planes.map((plane) => [
          plane.name,
          plane.serves,
          plane.addresses.map(({ name, host, port }) => `${name} ${host}:${port}`).join(', '),
          plane.compiled,
          plane.applied,
          badge(plane.applied >= plane.compiled ? 'ok' : 'changed'),
        ]),
      ),
    );
    fill(
      workers,
      h('h3', {}, 'Workers'),
      table(
        'Table generations by worker',
        ['Worker', 'Process', 'L4', 'DNS', 'Ingress'],
        state.workers.map(({ id, pid, applied }) => [
          id,
          pid ?? '',
          applied.l4,
          applied.dns,
          applied.ingress,
        ]),
      ),
    );
    fill(
      problems,
      h(
        'h3',
        {},
        `Problems (${state.problems.errors} errors, ${state.problems.warnings} warnings)`,
      ),
      table(
        'Problems, errors first',
        ['', 'Reason', 'Object', 'What', 'Where', 'Instead'],
        state.newestProblems.map(({ severity, reason, object, message, at, instead }) => [
          badge(severity),
          reason,
          object ? [object.kind, object.namespace, object.name].filter(Boolean).join('/') : '',
          message,
          at ? `${at.file}:${at.line}:${at.column}` : '',
          instead ?? '',
        ]),
      ),
    );
  }
  return { element, update };
}
