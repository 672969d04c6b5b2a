import type { KubeObject } from '../../objects/index.ts';
import { admit, formatPath, type Issue, refuses } from '../../schema/index.ts';
import type { JsonObject, StatusCause } from '../patch/index.ts';
import { apiVersionOf } from '../resources/resource.ts';
import { type ResourceRequest, subjectOf } from '../server/context.ts';
import { badRequest, invalid } from '../status.ts';
import { admitOther } from './admit-other.ts';

/** `fieldValidation`: what becomes of fields that the schema does not know. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface Admitted {
  readonly object: KubeObject;
  /** For Warning headers (RFC 7234 §5.5, code 299). */
  readonly warnings: readonly string[];
}

/** @throws ApiError 400 */
export function fieldValidationOf(parameters: URLSearchParams): FieldValidation {
  const text = parameters.get('fieldValidation') ?? '';
  if (text === '') return 'Warn';
  if (text === 'Ignore' || text === 'Warn' || text === 'Strict') return text;
  throw badRequest(`fieldValidation: write Ignore, Warn or Strict, not "${text}"`);
}

/** A value that is at least an object with metadata. @throws ApiError 400 */
export function asObject(value: unknown, { resource }: ResourceRequest): KubeObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the object provided is unrecognized: must be a map with apiVersion and kind');
  }
  const { apiVersion, kind, metadata = {} } = value as JsonObject;
  const wanted = apiVersionOf(resource);
  if ((apiVersion ?? wanted) !== wanted) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${wanted})`,
    );
  }
  if ((kind ?? resource.kind) !== resource.kind) {
    throw badRequest(
      `the kind in the data (${String(kind)}) does not match the expected kind (${resource.kind})`,
    );
  }
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw badRequest('metadata must be a map');
  }
  // What is in it is looked at by admission, which every object passes next.
  return { ...value, apiVersion: wanted, kind: resource.kind, metadata } as KubeObject;
}

/**
 * Defaults, prunes and validates what is about to be stored. `previous`: what it replaces.
 * @throws ApiError 400 for what cannot be read as the kind, 422 for what breaks its rules
 */
export function admitted(
  request: ResourceRequest,
  object: KubeObject,
  previous?: KubeObject,
): Admitted {
  const strictness = fieldValidationOf(request.parameters);
  const admission = admit(object);
  switch (admission.kind) {
    case 'unknown-kind': {
      const other = admitOther(request.resource, object, previous);
      if (refuses(other.issues)) refuse(request, other.issues, strictness);
      return { object: other.object, warnings: judged(request, other.issues, strictness) };
    }
    case 'refused':
      refuse(request, admission.issues, strictness);
      return { object, warnings: [] };
    case 'known':
      return {
        object: admission.object,
        warnings: judged(request, admission.issues, strictness),
      };
    default:
      return admission satisfies never;
  }
}

function refuse(
  request: ResourceRequest,
  issues: readonly Issue[],
  strictness: FieldValidation,
): void {
  judged(request, issues, strictness);
  const errors = issues.filter(({ severity }) => severity === 'error');
  const { kind } = request.resource;
  const mistyped = errors.find((one) => one.kind === 'wrong-type');
  if (mistyped) {
    throw badRequest(
      `${kind} in version "${request.resource.version}" cannot be handled as a ${kind}: ${textOf(mistyped)}`,
    );
  }
  throw invalid(subjectOf(request), errors.map(causeOf));
}

/** Warnings; with Strict an error for unknown fields. */
function judged(
  request: ResourceRequest,
  issues: readonly Issue[],
  strictness: FieldValidation,
): readonly string[] {
  const unknown = issues.filter((one) => one.kind === 'unknown-field');
  const texts = [
    ...unknown.map(({ path }) => `unknown field "${formatPath(path)}"`),
    ...(request.duplicates ?? []).map((path) => `duplicate field "${path}"`),
  ];
  const { kind, version } = request.resource;
  if (strictness === 'Strict' && texts.length > 0) {
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${texts.join(', ')}`,
    );
  }
  const others = issues.filter((one) => one.severity === 'warning' && one.kind !== 'unknown-field');
  return [...(strictness === 'Warn' ? texts : []), ...others.map(textOf)];
}

function textOf({ path, message, instead }: Issue): string {
  const where = formatPath(path);
  const text = where === '' ? message : `${where}: ${message}`;
  return instead === undefined ? text : `${text} (${instead})`;
}

function causeOf(issue: Issue): StatusCause {
  const { kind, path, message, instead } = issue;
  const reason = kind === 'missing' ? 'FieldValueRequired' : 'FieldValueInvalid';
  const said = instead === undefined ? message : `${message} (${instead})`;
  const label = kind === 'missing' ? 'Required value' : 'Invalid value';
  return { reason, message: `${label}: ${said}`, field: formatPath(path) };
}
