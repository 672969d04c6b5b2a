import type { KubeObject } from '../../objects/index.ts';
import type { ScalePaths } from '../resources/resource.ts';
import { applyPatch, type JsonObject, patchTypes, untypedType } from '../patch/index.ts';
import { readJsonBody } from '../body/index.ts';
import { unsupported } from '../request/body.ts';
import { type ApiContext, jsonReply, type Reply, type ResourceRequest } from '../server/context.ts';
import { badRequest } from '../status.ts';
import { none, selectorText } from '../table/column.ts';
import { numberAt, recordAt, textAt, valueAt } from '../table/value-at.ts';
import { existing } from './get.ts';
import { update } from './write.ts';

/** `GET` of `scale`: autoscaling/v1 Scale. */
export function getScale(context: ApiContext, request: ResourceRequest): Reply {
  return jsonReply(scaleOf(existing(context, request), request));
}

/** `PUT` and `PATCH` of `scale`: only `spec.replicas` is anybody's to write. */
export async function writeScale(
  context: ApiContext,
  request: ResourceRequest,
  change:
    | { readonly kind: 'replace'; readonly value: unknown }
    | { readonly kind: 'patch'; readonly body: Buffer; readonly mediaType: string },
): Promise<Reply> {
  const live = existing(context, request);
  const next = change.kind === 'replace' ? change.value : patched(live, request, change);
  const replicas = valueAt(next, 'spec.replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw badRequest('spec.replicas: write a number from 0 on');
  }
  const resourceVersion = valueAt(next, 'metadata.resourceVersion');
  const { resourceVersion: _seen, ...metadata } = live.metadata;
  const { specReplicasPath } = pathsOf(request);
  const named = {
    ...live,
    metadata: { ...metadata, ...(typeof resourceVersion === 'string' && { resourceVersion }) },
  };
  const scaled = withValueAt(named, specReplicasPath.split('.'), replicas);
  await update(context, { ...request, accept: '' }, live, scaled, true);
  return getScale(context, request);
}

function patched(
  live: KubeObject,
  request: ResourceRequest,
  { body, mediaType }: { readonly body: Buffer; readonly mediaType: string },
): JsonObject {
  const type = patchTypes.get(mediaType);
  if (type === undefined || type === 'apply') {
    throw unsupported(mediaType, ['application/json-patch+json', 'application/merge-patch+json']);
  }
  const { metadata, ...rest } = scaleOf(live, request);
  const { resourceVersion: _any, ...known } = metadata;
  const engine = type === 'strategic' ? 'merge' : type;
  return applyPatch(
    engine,
    { ...rest, metadata: known },
    readJsonBody(body.toString('utf8')).value,
    untypedType,
  );
}

interface Scale {
  readonly kind: 'Scale';
  readonly apiVersion: 'autoscaling/v1';
  readonly metadata: Pick<
    KubeObject['metadata'],
    'name' | 'namespace' | 'uid' | 'resourceVersion' | 'creationTimestamp'
  >;
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

function scaleOf(object: KubeObject, request: ResourceRequest): Scale {
  const paths = pathsOf(request);
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = selectorText(recordAt(object, 'spec.selector.matchLabels'));
  const selector = textAt(object, paths.labelSelectorPath) || labels;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      namespace,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
    },
    spec: { replicas: numberAt(object, paths.specReplicasPath, request.resource.custom ? 0 : 1) },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath),
      ...(selector !== none && { selector }),
    },
  };
}

/** Where the numbers are: for custom kinds their definition says so. */
function pathsOf({ resource }: ResourceRequest): Required<ScalePaths> {
  const own = resource.custom?.scale;
  const plain = (path: string): string => path.replace(/^\./, '');
  return {
    specReplicasPath: plain(own?.specReplicasPath ?? 'spec.replicas'),
    statusReplicasPath: plain(own?.statusReplicasPath ?? 'status.replicas'),
    labelSelectorPath: plain(own?.labelSelectorPath ?? ''),
  };
}

function withValueAt<T extends object>(object: T, path: readonly string[], value: number): T {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length === 0) return { ...object, [key]: value };
  const below: unknown = Reflect.get(object, key);
  const inner = typeof below === 'object' && below !== null ? below : {};
  return { ...object, [key]: withValueAt(inner, rest, value) };
}
