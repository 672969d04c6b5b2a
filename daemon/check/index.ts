import { readManifests } from '../../controller/sources/manifests/index.ts';
import { checkCorefile, looksLikeCorefile } from '../../dns/index.ts';
import { type CheckTools, checkConfigurationFiles } from '../cli/index.ts';
import { compileOnce } from './compile-once.ts';

export { kernelTools } from './kernel-tools.ts';

/** What `portolan check` runs on: the same reading and compiling as `portolan up`. */
export const checkTools: CheckTools = {
  async read(paths) {
    const corefiles = paths.filter(looksLikeCorefile);
    const manifests = await readManifests(paths.filter((path) => !corefiles.includes(path)));
    const ofConfiguration = await checkConfigurationFiles(manifests.files);
    return {
      objects: manifests.objects.map(({ object }) => object),
      problems: [...manifests.problems, ...ofConfiguration, ...corefiles.flatMap(checkCorefile)],
      locate: (ref) => manifests.locate(ref),
    };
  },
  compile: async (objects, settings) => (await compileOnce(objects, settings)).problems,
};
