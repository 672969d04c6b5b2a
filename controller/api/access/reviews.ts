import { type ReviewKind, verbsOf } from '../resources/resource.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import { textAt, valueAt } from '../table/value-at.ts';
import { isAllowed, type User } from './user.ts';

/** Answers what users ask of themselves: `kubectl auth can-i` and `auth whoami`. */
export function reviewOf(
  kind: ReviewKind,
  body: unknown,
  user: User,
  registry: ResourceRegistry,
): object {
  const spec = valueAt(body, 'spec');
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        metadata: {},
        ...(spec !== undefined && { spec }),
        status: accessOf(spec, user),
      };
    case 'SelfSubjectRulesReview':
      return {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        metadata: {},
        spec: {},
        status: rulesOf(user, registry),
      };
    case 'SelfSubjectReview':
      return {
        apiVersion: 'authentication.k8s.io/v1',
        kind,
        metadata: {},
        status: { userInfo: { username: user.name, groups: user.groups } },
      };
    default:
      return kind satisfies never;
  }
}

function accessOf(spec: unknown, user: User): object {
  const verb = textAt(spec, 'resourceAttributes.verb');
  const plural = textAt(spec, 'resourceAttributes.resource');
  const subresource = textAt(spec, 'resourceAttributes.subresource');
  const isPath = valueAt(spec, 'nonResourceAttributes') !== undefined;
  const allowed = isPath
    ? user.role === 'admin' || textAt(spec, 'nonResourceAttributes.verb') === 'get'
    : isAllowed(user, verb, plural, subresource);
  return allowed
    ? { allowed, reason: `${user.name} is ${user.role ?? 'unknown'}` }
    : { allowed, reason: `${user.role ?? 'no'} role: ${verb} is not allowed` };
}

function rulesOf(user: User, registry: ResourceRegistry): object {
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const readable = [...Map.groupBy(registry.resources, ({ group }) => group)].map(
    ([group, resources]) => ({
      verbs: ['get', 'list', 'watch'],
      apiGroups: [group],
      resources: resources
        .filter((one) => verbsOf(one).includes('get') && isAllowed(user, 'get', one.plural))
        .map(({ plural }) => plural),
    }),
  );
  const isAdmin = user.role === 'admin';
  return {
    resourceRules: isAdmin ? [everything] : readable.filter((one) => one.resources.length > 0),
    nonResourceRules: [{ verbs: isAdmin ? ['*'] : ['get'], nonResourceURLs: ['*'] }],
    incomplete: false,
  };
}
