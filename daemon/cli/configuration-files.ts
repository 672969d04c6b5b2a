import { readFile, stat } from 'node:fs/promises';
import type { Problem } from '../../controller/base/index.ts';
import { looksLikeConfiguration, readConfigurationFile } from '../config/index.ts';

/** Longer files are manifests; a configuration file has a few dozen lines. */
const maxBytes = 1024 * 1024;

/**
 * What is wrong with the configuration files among `files`; manifests and what cannot be read are
 * passed over, since whoever reads manifests reports on those.
 */
export async function checkConfigurationFiles(
  files: Iterable<string>,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const file of files) {
    const text = await readShort(file);
    if (!looksLikeConfiguration(text)) continue;
    problems.push(...readConfigurationFile(file, text).problems);
  }
  return problems;
}

async function readShort(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    return size > maxBytes ? '' : await readFile(file, 'utf8');
  } catch {
    return '';
  }
}
