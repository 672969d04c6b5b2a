import type { KubeObject } from '../../objects/index.ts';
import { applyPatch, type JsonObject, patchTypes, untypedType } from '../patch/index.ts';
import { readJsonBody } from '../body/index.ts';
import { unsupported } from '../request/body.ts';
import { type ApiContext, jsonReply, type Reply, type ResourceRequest } from '../server/context.ts';
import { badRequest } from '../status.ts';
import { none, selectorText } from '../table/column.ts';
import { numberAt, recordAt, valueAt } from '../table/value-at.ts';
import { existing } from './get.ts';
import { update } from './write.ts';

/** `GET` of `scale`: autoscaling/v1 Scale. */
export function getScale(context: ApiContext, request: ResourceRequest): Reply {
  return jsonReply(scaleOf(existing(context, request)));
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
  const next = change.kind === 'replace' ? change.value : patched(live, change);
  const replicas = valueAt(next, 'spec.replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    throw badRequest('spec.replicas: write a number from 0 on');
  }
  const resourceVersion = valueAt(next, 'metadata.resourceVersion');
  const { resourceVersion: _seen, ...metadata } = live.metadata;
  const spec = { ...(valueAt(live, 'spec') as object | undefined), replicas };
  const scaled = {
    ...live,
    metadata: { ...metadata, ...(typeof resourceVersion === 'string' && { resourceVersion }) },
    spec,
  };
  await update(context, { ...request, accept: '' }, live, scaled, true);
  return getScale(context, request);
}

function patched(
  live: KubeObject,
  { body, mediaType }: { readonly body: Buffer; readonly mediaType: string },
): JsonObject {
  const type = patchTypes.get(mediaType);
  if (type === undefined || type === 'apply') {
    throw unsupported(mediaType, ['application/json-patch+json', 'application/merge-patch+json']);
  }
  const { metadata, ...rest } = scaleOf(live);
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

function scaleOf(object: KubeObject): Scale {
  const { name, namespace = '', uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(recordAt(object, 'spec.selector.matchLabels'));
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
    spec: { replicas: numberAt(object, 'spec.replicas', 1) },
    status: {
      replicas: numberAt(object, 'status.replicas'),
      ...(selector !== none && { selector }),
    },
  };
}
