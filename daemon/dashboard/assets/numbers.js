/**
 * A rate or count in three digits: 0.4, 12, 1.2 k.
 * @param {number | undefined} value
 */
export function short(value) {
  if (value === undefined || Number.isNaN(value)) return '–';
  for (const [from, unit] of /** @type {const} */ ([
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ])) {
    const by = unit === 'k' ? 1e3 : from;
    if (value >= from) return `${trimmed(value / by)} ${unit}`;
  }
  return trimmed(value);
}

/** @param {number} value */
function trimmed(value) {
  if (value === 0) return '0';
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}

/** @param {number | undefined} value */
export function milliseconds(value) {
  return value === undefined ? '–' : `${short(value)} ms`;
}

/** @param {number} atMs */
export function clockTime(atMs) {
  return new Date(atMs).toLocaleTimeString();
}
