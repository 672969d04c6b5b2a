/** Objects from a folder of YAML: read once for checks, or followed as files change. */
export { LeftBehind } from './left-behind.ts';
export {
  type LocatedObject,
  type Manifests,
  type ReadOptions,
  readManifests,
} from './read-manifests.ts';
export {
  type ManifestSource,
  type ManifestSourceOptions,
  startManifestSource,
} from './manifest-source.ts';
