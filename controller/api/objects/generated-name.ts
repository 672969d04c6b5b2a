import type { Random } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** Letters and digits that make no words: those of apimachinery's util/rand. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
/** What is left of 63, the length of a label, for what the user wrote. */
const maxPrefixLength = 63 - suffixLength;

/** The object named after its `generateName`; without one the object as it is. */
export function generatedName(object: KubeObject, random: Random): KubeObject {
  const { generateName } = object.metadata;
  if (!generateName) return object;
  const suffix = Array.from({ length: suffixLength }, () => {
    return alphabet[Math.floor(random() * alphabet.length)] ?? 'x';
  });
  const name = `${generateName.slice(0, maxPrefixLength)}${suffix.join('')}`;
  return { ...object, metadata: { ...object.metadata, name } };
}
