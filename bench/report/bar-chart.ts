import type { MeasuredContender, Measurement } from '../bench.ts';
import { escapeMarkup } from './escape.ts';
import { shortNumber } from './numbers.ts';

const width = 760;
const rowHeight = 26;
const nameWidth = 190;
const valueWidth = 170;
const barWidth = width - nameWidth - valueWidth;

/** One bar per contender, with a line from the least to the greatest run, as an SVG element. */
export function barChart(measurement: Measurement): string {
  const { title, unit, contenders } = measurement;
  const most = Math.max(...contenders.map(({ greatest }) => greatest), Number.MIN_VALUE);
  const rows = contenders.map((one, index) => row(one, index * rowHeight, most, measurement));
  const height = contenders.length * rowHeight;
  const label = escapeMarkup(`${title} in ${unit}`);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${rows.join('')}</svg>`;
}

function row(one: MeasuredContender, y: number, most: number, measurement: Measurement): string {
  const scaled = (value: number): number => Math.max(1, (value / most) * barWidth);
  const middle = y + rowHeight / 2;
  const spread = `M${nameWidth + scaled(one.least)} ${middle}H${nameWidth + scaled(one.greatest)}`;
  const kind = one.name === measurement.baseline ? 'baseline' : 'measured';
  return (
    `<text class="name" x="${nameWidth - 10}" y="${middle}">${escapeMarkup(one.name)}</text>` +
    `<rect class="${kind}" x="${nameWidth}" y="${y + 4}" width="${scaled(one.median)}" height="${rowHeight - 8}" rx="2"/>` +
    `<path class="spread" d="${spread}"/>` +
    `<text class="value" x="${width}" y="${middle}">${shortNumber(one.median)}${ratioText(one, measurement)}</text>`
  );
}

/** ` (0.84 ×)`: of the baseline. */
function ratioText(one: MeasuredContender, { baseline, contenders }: Measurement): string {
  const base = contenders.find(({ name }) => name === baseline);
  return base && base !== one ? ` (${(one.median / base.median).toFixed(2)} ×)` : '';
}
