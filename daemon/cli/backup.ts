import { join } from 'node:path';
import { copyStore, storeFileName } from '../../controller/store/index.ts';
import type { Command } from '../config/index.ts';
import type { Printer } from './printer.ts';

/** `portolan backup`. @throws ConfigError `BackupFailed` */
export function runBackup(
  { to, dataDir }: Extract<Command, { kind: 'backup' }>,
  printer: Printer,
): number {
  copyStore(join(dataDir, storeFileName), to);
  printer.out(`copied to ${to}\n`);
  return 0;
}
