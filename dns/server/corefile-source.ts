import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  ConfigError,
  describeError,
  formatPosition,
  type Problem,
} from '../../controller/base/index.ts';
import { type Corefile, type CorefileSource, parseCorefile } from '../corefile/index.ts';
import { type BlockPlan, planBlocks } from './plan.ts';

/** Files of this machine. */
export const fileSource: CorefileSource = {
  read: (path) => readFileSync(path, 'utf8'),
  glob: (pattern) => globSync(pattern).toSorted(),
  environment: (name) => process.env[name],
};

/** A Corefile, read and understood. */
export interface LoadedCorefile {
  readonly plans: readonly BlockPlan[];
  /** Imports that match no file. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads a Corefile with all it imports, down to the arguments of every option.
 * @throws ConfigError `BadCorefile`, `UnreadableCorefile`
 */
export function loadCorefile(path: string, source: CorefileSource = fileSource): LoadedCorefile {
  const corefile = readCorefile(path, source);
  return { plans: planBlocks(corefile), warnings: warningsOf(corefile) };
}

function readCorefile(path: string, source: CorefileSource): Corefile {
  let text: string;
  try {
    text = source.read(path);
  } catch (error) {
    throw new ConfigError(
      'UnreadableCorefile',
      `the Corefile can't be read: ${describeError(error)}`,
    );
  }
  return parseCorefile(text, path, source);
}

function warningsOf({ warnings }: Corefile): readonly Problem[] {
  return warnings.map(
    ({ message, at }): Problem => ({ severity: 'warning', reason: 'NoSuchFile', message, at }),
  );
}

/** Changes when the Corefile, or anything that it imports, does. Never throws. */
export function fingerprint(path: string, source: CorefileSource = fileSource): string {
  const hash = createHash('sha256');
  const recording: CorefileSource = {
    ...source,
    read: (file) => {
      const text = source.read(file);
      hash.update(text).update('\0');
      return text;
    },
  };
  try {
    parseCorefile(recording.read(path), path, recording);
  } catch {
    // A file that means nothing has a content all the same; loading it says what is wrong.
  }
  return hash.digest('hex');
}

/** True for paths that name a Corefile: `Corefile`, `Corefile.staging`, `edge.corefile`. */
export function looksLikeCorefile(path: string): boolean {
  return /^corefile(?:\.|$)|\.corefile$/i.test(basename(path));
}

/** Everything that is wrong with it, not only the first thing. */
export function checkCorefile(path: string): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (error: ConfigError): void => void problems.push(problemOf(error));
  try {
    const corefile = readCorefile(path, fileSource);
    planBlocks(corefile, report);
    problems.push(...warningsOf(corefile));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    report(error);
  }
  return problems.toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0));
}

function problemOf({ code, message, at }: ConfigError): Problem {
  // The place has a field of its own.
  const bare = at ? message.slice(formatPosition(at).length + 2) : message;
  return { severity: 'error', reason: code, message: bare, ...(at && { at }) };
}
