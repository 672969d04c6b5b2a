const steps = [
  { from: 1e9, by: 1e9, unit: 'G' },
  { from: 1e6, by: 1e6, unit: 'M' },
  { from: 1e4, by: 1e3, unit: 'k' },
] as const;

/** Three significant digits, as 84.2 k or 1.27. */
export function shortNumber(value: number): string {
  const step = steps.find(({ from }) => Math.abs(value) >= from);
  if (step) return `${trimmed(value / step.by)} ${step.unit}`;
  return trimmed(value);
}

function trimmed(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
