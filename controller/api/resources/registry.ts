import { nearest } from '../../schema/index.ts';
import { builtinResources } from './builtin.ts';
import type { ApiResource } from './resource.ts';

/** The versions of one API group, the preferred first. */
export interface ApiGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

/**
 * What the API serves at the moment: the built-in resources, and those that custom resource
 * definitions add. A definition never hides a built-in one.
 */
export class ResourceRegistry {
  #resources: readonly ApiResource[] = builtinResources;
  #byPath = indexByPath(builtinResources);
  #revision = 0;

  /** Counts changes: what is derived from the list can be kept for as long. */
  get revision(): number {
    return this.#revision;
  }

  get resources(): readonly ApiResource[] {
    return this.#resources;
  }

  /** Replaces what definitions add. */
  setCustom(custom: readonly ApiResource[]): void {
    const builtin = indexByPath(builtinResources);
    const added = custom.filter((one) => !builtin.has(pathOf(one)));
    this.#resources = [...builtinResources, ...added];
    this.#byPath = indexByPath(this.#resources);
    this.#revision += 1;
  }

  find(group: string, version: string, plural: string): ApiResource | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** The first served version of a type. */
  findType(type: string): ApiResource | undefined {
    return this.#resources.find((one) => one.type === type && !one.review);
  }

  /** Whether anything is served there. */
  hasGroupVersion(group: string, version: string): boolean {
    return this.of(group, version).length > 0;
  }

  of(group: string, version: string): readonly ApiResource[] {
    return this.#resources.filter((one) => one.group === group && one.version === version);
  }

  /** All groups but the core one. */
  groups(): readonly ApiGroup[] {
    const versions = new Map<string, string[]>();
    for (const { group, version } of this.#resources) {
      if (group === '') continue;
      const seen = versions.get(group) ?? [];
      if (!seen.includes(version)) seen.push(version);
      versions.set(group, seen);
    }
    return [...versions].map(([name, found]) => ({
      name,
      versions: found.toSorted(byVersionPriority),
    }));
  }

  /** The plural that a misspelt one of this group and version most likely means. */
  nearestPlural(group: string, version: string, written: string): string | undefined {
    const names = this.of(group, version).flatMap((one) => [
      [one.plural, one.plural] as const,
      [one.singular, one.plural] as const,
      ...one.shortNames.map((short) => [short, one.plural] as const),
    ]);
    const byName = new Map(names);
    const found = nearest(written, byName.keys());
    return found === undefined ? undefined : byName.get(found);
  }
}

function pathOf({ group, version, plural }: ApiResource): string {
  return `${group}/${version}/${plural}`;
}

function indexByPath(resources: readonly ApiResource[]): ReadonlyMap<string, ApiResource> {
  return new Map(resources.map((one) => [pathOf(one), one]));
}

/**
 * Kubernetes' order of versions: `v2`, `v1`, `v1beta2`, `v1alpha1`, then all others by name
 * (apimachinery, version.CompareKubeAwareVersionStrings).
 */
function byVersionPriority(a: string, b: string): number {
  const [left, right] = [versionRank(a), versionRank(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0;
  for (const [index, rank] of left.entries()) {
    const difference = (right[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return 0;
}

const stability: ReadonlyMap<string, number> = new Map([
  ['alpha', 1],
  ['beta', 2],
]);

/** Stability, major, minor: larger is better. */
function versionRank(version: string): readonly number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  const [, major = '0', level, minor = '0'] = match;
  return [level === undefined ? 3 : (stability.get(level) ?? 0), Number(major), Number(minor)];
}
