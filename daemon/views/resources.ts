import { type Kind, kinds } from '../../controller/objects/index.ts';

/** What `get` and `describe` can be asked for: kinds of objects, and the list of problems. */
export type Resource = Kind | 'Problem';

interface ResourceInfo {
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

const problem: ResourceInfo = {
  plural: 'problems',
  singular: 'problem',
  shortNames: ['pb'],
  namespaced: true,
};

/** Short names beyond those of the API, which has none for slices. */
const furtherShortNames: { readonly [R in Resource]?: readonly string[] } = {
  EndpointSlice: ['eps'],
  // What people type: the plural of "ingress" is not to everybody's taste.
  Ingress: ['ings'],
};

/** Names and scope of a resource. */
export function resourceInfo(resource: Resource): ResourceInfo {
  return resource === 'Problem' ? problem : kinds[resource];
}

/** Every resource in alphabetical order. */
export const resources: readonly Resource[] = [...kindNames(), 'Problem' as const].toSorted();

/** Finds a resource by plural, singular or short name, or its kind; ignores case. */
export function findResource(written: string): Resource | undefined {
  const word = written.toLowerCase();
  return resources.find((resource) => {
    const { plural, singular, shortNames } = resourceInfo(resource);
    const further = furtherShortNames[resource] ?? [];
    return word === plural || word === singular || [...shortNames, ...further].includes(word);
  });
}

/** The plural names of all resources, for messages. */
export function resourceNames(): readonly string[] {
  return resources.map((resource) => resourceInfo(resource).plural);
}

function kindNames(): readonly Kind[] {
  // The table's type lists exactly the kinds that it has.
  return Object.keys(kinds) as Kind[];
}
