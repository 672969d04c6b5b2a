import { PortolanError } from '../base/index.ts';
import { StoreError } from '../store/index.ts';
import { BodyError } from './body/index.ts';
import { PatchError, type StatusCause } from './patch/index.ts';

/** What a Status says of the object in question. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The plural name of the resource, as Kubernetes has it; a kind for invalid objects. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A refused request: `code` is the Status reason, `status` the HTTP status. */
export class ApiError extends PortolanError {
  readonly status: number;
  readonly details: StatusDetails | undefined;

  constructor(status: number, reason: string, message: string, details?: StatusDetails) {
    super(reason, message);
    this.status = status;
    this.details = details;
  }
}

/** Names an object, or all of a resource, in messages and details. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly name: string;
}

const groupResource = ({ group, plural }: Subject): string =>
  group === '' ? plural : `${plural}.${group}`;

const detailsOf = ({ group, plural, name }: Subject): StatusDetails => ({
  ...(name !== '' && { name }),
  ...(group !== '' && { group }),
  kind: plural,
});

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function notFound(subject: Subject): ApiError {
  const message = `${groupResource(subject)} "${subject.name}" not found`;
  return new ApiError(404, 'NotFound', message, detailsOf(subject));
}

export function forbidden(subject: Subject, why: string): ApiError {
  const name = subject.name === '' ? '' : ` "${subject.name}"`;
  const message = `${groupResource(subject)}${name} is forbidden: ${why}`;
  return new ApiError(403, 'Forbidden', message, detailsOf(subject));
}

/** The object breaks rules of the API: every one of them is named. */
export function invalid(subject: Subject, causes: readonly StatusCause[]): ApiError {
  const { kind, group, name } = subject;
  const texts = causes.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  const all = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  const message = `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${all}`;
  const details = { name, ...(group !== '' && { group }), kind, causes };
  return new ApiError(422, 'Invalid', message, details);
}

/** What a Status says of anything thrown while `subject` was dealt with. */
export function asApiError(error: unknown, subject: Subject): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof PatchError) {
    return new ApiError(error.status, error.code, patchMessage(error, subject), {
      ...detailsOf(subject),
      causes: error.causes,
    });
  }
  if (error instanceof BodyError) return new ApiError(error.status, error.code, error.message);
  if (!(error instanceof StoreError)) return undefined;
  const details = detailsOf(subject);
  switch (error.code) {
    case 'AlreadyExists': {
      const message = `${groupResource(subject)} "${subject.name}" already exists`;
      return new ApiError(409, 'AlreadyExists', message, details);
    }
    case 'Conflict': {
      const message = `Operation cannot be fulfilled on ${groupResource(subject)} "${subject.name}": ${error.message}`;
      return new ApiError(409, 'Conflict', message, details);
    }
    case 'NotFound':
      return notFound(subject);
    case 'Expired':
      return new ApiError(410, 'Expired', error.message);
    case 'Invalid':
      return new ApiError(400, 'BadRequest', error.message, details);
    case 'InsufficientStorage':
      return new ApiError(507, 'InsufficientStorage', error.message, { retryAfterSeconds: 10 });
    case 'Unavailable':
      return new ApiError(503, 'ServiceUnavailable', error.message, { retryAfterSeconds: 1 });
    default:
      return error.code satisfies never;
  }
}

function patchMessage(error: PatchError, subject: Subject): string {
  return error.code === 'Conflict' || error.status === 400
    ? error.message
    : `${groupResource(subject)} "${subject.name}": ${error.message}`;
}

/** meta/v1 Status of a refusal. */
export function statusOf(error: ApiError): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.code,
    ...(error.details && { details: error.details }),
    code: error.status,
  };
}
