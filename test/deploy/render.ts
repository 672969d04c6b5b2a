import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../controller/objects/index.ts';

const chart = 'deploy/helm/portolan';

type Values = Readonly<Record<string, unknown>>;

/** The chart's own defaults. */
export function defaultValues(): Values {
  return parse(readFileSync(`${chart}/values.yaml`, 'utf8')) as Values;
}

/**
 * Renders a template of the chart, as far as the chart goes: values, `quote`, and `if` on a value.
 * Throws on anything else, so that the chart cannot outgrow what is tested.
 */
export function render(template: string, values: Values): readonly KubeObject[] {
  const source = readFileSync(`${chart}/templates/${template}`, 'utf8');
  const chosen = source.replaceAll(
    /^ *\{\{- if ([\w.]+) \}\}\n([\s\S]*?)^ *\{\{- end \}\}\n/gm,
    (_, path: string, body: string) => (valueAt(path, values) ? body : ''),
  );
  const text = chosen.replaceAll(/\{\{ ([\w.]+)( \| quote)? \}\}/g, (_, path: string, quote) => {
    const value = String(valueAt(path, values));
    return quote === undefined ? value : JSON.stringify(value);
  });
  if (text.includes('{{')) throw new Error(`${template} has what this cannot render`);
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

function valueAt(path: string, values: Values): unknown {
  const root: unknown = { Values: values, Release: { Namespace: 'kube-system' } };
  const found = path
    .slice(1)
    .split('.')
    .reduce((at, key) => (at as Values | undefined)?.[key], root);
  if (found === undefined) throw new Error(`the chart has no value ${path}`);
  return found;
}
