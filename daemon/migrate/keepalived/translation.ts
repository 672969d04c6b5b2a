import type { AnyObject } from '../../../controller/objects/index.ts';
import type { Finding } from '../finding.ts';
import { directiveText, type Statement } from './statements.ts';

/** Objects and remarks as they come together while a file is read. */
export class Translation {
  readonly objects: AnyObject[] = [];
  readonly findings: Finding[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  note(statement: Statement, verdict: Finding['verdict'], text: string): void {
    const { line } = statement;
    this.findings.push({
      file: this.#file,
      line,
      directive: directiveText(statement),
      verdict,
      text,
    });
  }

  unsupported(statement: Statement, instead: string): void {
    this.note(statement, 'unsupported', instead);
  }

  differs(statement: Statement, how: string): void {
    this.note(statement, 'differs', how);
  }

  ignored(statement: Statement, why: string): void {
    this.note(statement, 'ignored', why);
  }

  /** A number in range; undefined, and a remark, when it is none. */
  number(statement: Statement, least: number, most: number): number | undefined {
    const [text = ''] = statement.args;
    const value = Number(text);
    if (text !== '' && Number.isFinite(value) && value >= least && value <= most) return value;
    this.unsupported(statement, `"${text}" is no number from ${least} to ${most}: left out`);
    return undefined;
  }
}

/** A name that the API takes (RFC 1123): what keepalived calls VI_1 is vi-1. */
export function objectName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return name === '' ? 'unnamed' : name.slice(0, 63);
}

/** Seconds as keepalived writes them, as a duration: `0.5` is `500ms`. */
export function secondsText(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}
