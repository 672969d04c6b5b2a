#!/usr/bin/env node
/** The `portolan` command: reads its arguments and hands over. */
import { ConfigError } from '../controller/base/index.ts';
import { checkTools, kernelTools } from './check/index.ts';
import { createProcessPrinter, runShortCommand } from './cli/index.ts';
import { type Command, parseCommandLine } from './config/index.ts';
import { up } from './up/index.ts';

/** As getopt programs have it: the command line itself is wrong. */
const usageStatus = 2;

const printer = createProcessPrinter();

async function run(command: Command): Promise<number> {
  if (command.kind !== 'up') {
    return await runShortCommand(command, { check: checkTools, kernel: kernelTools, printer });
  }
  return await up({ settings: command.settings, configFile: command.configFile }, printer);
}

function parse(): Command | undefined {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printer.error(`portolan: ${error.message}\n`);
    return undefined;
  }
}

const command = parse();
process.exitCode = command ? await run(command) : usageStatus;
// Nothing is left to wait for; sockets of a drain that was cut short must not hold the process.
if (command?.kind === 'up') process.exit();
