const svgNamespace = 'http://www.w3.org/2000/svg';
const width = 240;
const height = 48;

/**
 * A line of the last minutes, drawn anew with each sample. `label` and the newest value are text
 * beside it: the picture itself is for the eye alone.
 */
export class Sparkline {
  /** @type {number[]} */
  #values = [];
  #line = document.createElementNS(svgNamespace, 'path');
  #area = document.createElementNS(svgNamespace, 'path');
  element = document.createElementNS(svgNamespace, 'svg');

  constructor() {
    this.element.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.element.setAttribute('preserveAspectRatio', 'none');
    this.element.setAttribute('class', 'sparkline');
    this.element.setAttribute('aria-hidden', 'true');
    this.#area.setAttribute('class', 'area');
    this.#line.setAttribute('class', 'line');
    this.element.append(this.#area, this.#line);
  }

  /** @param {readonly number[]} values Oldest first. */
  set values(values) {
    this.#values = values.slice(-300);
    this.#draw();
  }

  #draw() {
    const most = Math.max(...this.#values, Number.MIN_VALUE);
    const step = width / Math.max(1, this.#values.length - 1);
    const points = this.#values.map((value, index) => {
      const y = height - 2 - (value / most) * (height - 6);
      return `${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    });
    const path = points.length > 1 ? `M${points.join('L')}` : '';
    this.#line.setAttribute('d', path);
    this.#area.setAttribute('d', path && `${path}L${width} ${height}L0 ${height}Z`);
  }
}
