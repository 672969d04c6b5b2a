import { customKind } from '../crd/index.ts';
import { type FieldWriter, managerOf, untypedType, type ValueType } from '../patch/index.ts';
import { publishedType } from '../openapi/index.ts';
import { type ApiResource, apiVersionOf } from '../resources/resource.ts';
import type { ApiContext, ResourceRequest } from '../server/context.ts';
import { badRequest } from '../status.ts';

/** Who a request's changes belong to, for `metadata.managedFields`. @throws ApiError 400 */
export function fieldWriterOf(context: ApiContext, request: ResourceRequest): FieldWriter {
  const { resource, target, parameters, userAgent } = request;
  const manager = parameters.get('fieldManager') ?? '';
  if (manager.length > 128) throw badRequest('fieldManager: at most 128 characters');
  const { subresource } = target;
  const isStatus = subresource === 'status';
  return {
    manager: manager === '' ? managerOf(userAgent) : manager,
    apiVersion: apiVersionOf(resource),
    subresource: isStatus || subresource === 'scale' ? subresource : '',
    now: `${new Date(context.clock.wallMs()).toISOString().slice(0, 19)}Z`,
    schema: mergeTypeOf(resource),
    reset: resetFields(resource, isStatus),
  };
}

/** How objects of a resource merge. */
export function mergeTypeOf(resource: ApiResource): ValueType {
  const { custom } = resource;
  if (custom?.schema) return customKind(custom.schema).type;
  return publishedType(apiVersionOf(resource), resource.kind) ?? untypedType;
}

function resetFields(resource: ApiResource, isStatus: boolean): readonly string[] {
  if (!resource.subresources.includes('status')) return [];
  return isStatus ? ['spec', 'metadata'] : ['status'];
}
