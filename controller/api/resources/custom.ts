import type { KubeObject } from '../../objects/index.ts';
import { objectTypeOf } from '../../store/index.ts';
import { textAt, valueAt } from '../table/value-at.ts';
import type { ApiResource, CustomVersion, PrinterColumn, ScalePaths } from './resource.ts';

/** The resources that a CustomResourceDefinition adds: one for each served version. */
export function customResourcesOf(definition: KubeObject): readonly ApiResource[] {
  const group = textAt(definition, 'spec.group');
  const names = valueAt(definition, 'spec.names');
  const plural = textAt(names, 'plural');
  const kind = textAt(names, 'kind');
  if (group === '' || plural === '' || kind === '') return [];
  const versions = valueAt(definition, 'spec.versions');
  return listOf(versions)
    .filter((one) => valueAt(one, 'served') !== false && textAt(one, 'name') !== '')
    .map((version) => ({
      group,
      version: textAt(version, 'name'),
      kind,
      plural,
      singular: textAt(names, 'singular') || kind.toLowerCase(),
      shortNames: textsOf(valueAt(names, 'shortNames')),
      categories: textsOf(valueAt(names, 'categories')),
      namespaced: textAt(definition, 'spec.scope') === 'Namespaced',
      subresources: [
        ...(valueAt(version, 'subresources.status') === undefined ? [] : (['status'] as const)),
        ...(valueAt(version, 'subresources.scale') === undefined ? [] : (['scale'] as const)),
      ],
      type: objectTypeOf(`${group}/v1`, kind),
      custom: customVersionOf(version),
    }));
}

function customVersionOf(version: unknown): CustomVersion {
  const schema = valueAt(version, 'schema.openAPIV3Schema');
  return {
    schema: isMap(schema) ? schema : undefined,
    printerColumns: listOf(valueAt(version, 'additionalPrinterColumns')).filter(isPrinterColumn),
    scale: scaleOf(valueAt(version, 'subresources.scale')),
  };
}

function scaleOf(scale: unknown): ScalePaths | undefined {
  const specReplicasPath = textAt(scale, 'specReplicasPath');
  const statusReplicasPath = textAt(scale, 'statusReplicasPath');
  if (specReplicasPath === '' || statusReplicasPath === '') return undefined;
  const labelSelectorPath = textAt(scale, 'labelSelectorPath');
  return {
    specReplicasPath,
    statusReplicasPath,
    ...(labelSelectorPath !== '' && { labelSelectorPath }),
  };
}

function isPrinterColumn(value: unknown): value is PrinterColumn {
  return ['name', 'type', 'jsonPath'].every((field) => textAt(value, field) !== '');
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((one) => typeof one === 'string');
}
