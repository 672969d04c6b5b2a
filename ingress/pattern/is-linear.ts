/**
 * Whether a back-tracking matcher needs time linear in its input for this pattern. Conservative: yes only for patterns that repeat single characters or classes, with
 * no two endless repetitions that could share one stretch of the input between them and then fail.
 *
 * A repeated group may hold another repetition (`(a+)+`) or overlapping choices (`(a|a)*`), which
 * is where exponential time comes from; two repetitions in a row are quadratic.
 */
export function isLinear(source: string): boolean {
  const text = source.replaceAll(/\\./g, 'x').replaceAll(/\[(?:[^\]])*\]/g, 'x');
  if (/\)(?:[*+]|\{\d+,?\d*\})/.test(text)) return false;
  if (/\{\d{3,}/.test(text)) return false;
  const endless = [...text.matchAll(/[*+]|\{\d+,\}/g)];
  if (endless.length === 0) return true;
  // Without an anchor the matcher starts anew at each character.
  if (!text.startsWith('^')) return false;
  if (endless.length === 1) return true;
  // A last one that takes all that is left cannot fail, and so never sends the others back.
  const last = endless.at(-1);
  const isLastGreedyRest = last !== undefined && /^\.[*]\)*\$?$/.test(text.slice(last.index - 1));
  return isLastGreedyRest && endless.length === 2;
}
