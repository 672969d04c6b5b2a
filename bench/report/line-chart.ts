import type { Curves } from '../bench.ts';
import { escapeMarkup } from './escape.ts';
import { shortNumber } from './numbers.ts';

const width = 760;
const height = 280;
const left = 70;
const right = 150;
const top = 12;
const bottom = 44;

/** Lines over logarithmic axes where all values allow it, else linear ones, as an SVG element. */
export function lineChart({ title, xLabel, yLabel, lines }: Curves): string {
  const points = lines.flatMap((line) => line.points);
  const x = axis(
    points.map(([value]) => value),
    left,
    width - right,
  );
  const y = axis(
    points.map(([, value]) => value),
    height - bottom,
    top,
  );
  const drawn = lines.map((line, index) => {
    const path = line.points.map(([a, b]) => `${x.at(a).toFixed(1)} ${y.at(b).toFixed(1)}`);
    const last = line.points.at(-1);
    const label = last
      ? `<text class="line-name line${index % 5}" x="${x.at(last[0]) + 8}" y="${y.at(last[1])}">${escapeMarkup(line.name)}</text>`
      : '';
    return `<path class="line line${index % 5}" d="M${path.join('L')}"/>${label}`;
  });
  const ticks =
    x.ticks.map((value) => tick(x.at(value), height - bottom + 16, value, 'middle')).join('') +
    y.ticks.map((value) => tick(left - 8, y.at(value) + 4, value, 'end')).join('');
  const frame = `<path class="axis" d="M${left} ${top}V${height - bottom}H${width - right}"/>`;
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}">` +
    `${frame}${ticks}${drawn.join('')}` +
    `<text class="label" x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${escapeMarkup(xLabel)}</text>` +
    `<text class="label" x="4" y="${top + 2}">${escapeMarkup(yLabel)}</text></svg>`
  );
}

interface Axis {
  at(value: number): number;
  readonly ticks: readonly number[];
}

function axis(values: readonly number[], from: number, to: number): Axis {
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const logarithmic = least > 0 && greatest / least > 20;
  const scale = logarithmic ? Math.log10 : (value: number): number => value;
  const low = logarithmic ? scale(least) : Math.min(0, least);
  const span = scale(greatest) - low || 1;
  return {
    at: (value) => from + ((scale(value) - low) / span) * (to - from),
    ticks: logarithmic
      ? powersOfTen(least, greatest)
      : [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * span),
  };
}

function powersOfTen(least: number, greatest: number): readonly number[] {
  const first = Math.ceil(Math.log10(least) - 1e-9);
  const count = Math.floor(Math.log10(greatest) + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => 10 ** (first + index));
}

function tick(x: number, y: number, value: number, anchor: string): string {
  return `<text class="tick" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${shortNumber(value)}</text>`;
}
