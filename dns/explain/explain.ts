import type { Query, Reply } from '../plugins/plugin.ts';
import type { RunningBlock, Site } from '../server/site.ts';
import { classIN, formatName, formatRcode, formatType, lowerName } from '../wire/index.ts';
import { formatRecord } from '../zonefile/index.ts';
import type { ExplainQuestion } from './question.ts';
import { type Step, traced } from './trace.ts';

/** More records than these are counted. */
const maxShown = 20;

/**
 * Asks the question as a client over TCP would, upstream and all, and says which plugin and which
 * object answered, or why none did. Text for people.
 */
export async function explain(site: Site, question: ExplainQuestion): Promise<string> {
  const query = queryOf(question);
  const lines = [`${formatName(query.name)} ${formatType(query.type)}`, ''];
  const block = site.blockFor(query);
  if (!block) {
    const why = site.blocks.length === 0 ? 'no Corefile is in force' : 'no server block serves it';
    return [...lines, `${why}: the reply is REFUSED`, ''].join('\n');
  }
  const { steps, reply } = await traced(block.plugins, query);
  return [
    ...lines,
    `server block  ${blockName(block)}`,
    ...steps.flatMap(stepLines),
    passedLine(steps),
    '',
    verdict(reply),
    ...records(reply),
    '',
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

function queryOf({ name, type, client }: ExplainQuestion): Query {
  return {
    name,
    lower: lowerName(name),
    type,
    class: classIN,
    transport: 'tcp',
    client: { address: client, port: 0 },
    recursionDesired: true,
    authenticData: false,
    checkingDisabled: false,
    edns: { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] },
    depth: 0,
    message: { id: 0, opcode: 0, octets: 0 },
  };
}

function blockName({ plan }: RunningBlock): string {
  const keys = plan.zones.map(
    ({ scheme, zone, port }) => `${scheme}://${formatName(zone)}:${port}`,
  );
  const { view } = plan.settings;
  return view ? `${keys.join(' ')} (view ${view.name})` : keys.join(' ');
}

function stepLines({ plugin, notes, asked, outcome }: Step): readonly string[] {
  const told = [
    ...asked.map((one) => `asks for ${one} instead`),
    ...notes,
    ...(outcome === 'answered' && notes.length === 0 ? ['answers'] : []),
    ...(outcome === 'changed' && asked.length === 0 ? ['changes the answer'] : []),
  ];
  return told.map((text, i) => `${(i === 0 ? plugin : '').padEnd(13)} ${text}`);
}

/** Who had nothing to say. */
function passedLine(steps: readonly Step[]): string | undefined {
  const silent = steps.filter(
    ({ outcome, notes, asked }) => outcome === 'passed' && notes.length + asked.length === 0,
  );
  if (silent.length === 0) return undefined;
  return `${'passed by'.padEnd(13)} ${silent.map(({ plugin }) => plugin).join(' ')}`;
}

function verdict({ rcode: code, plugin, answers, silent, options }: Reply): string {
  if (silent) return 'no reply is sent';
  const name = code === 0 && answers.length === 0 ? 'NODATA' : formatRcode(code);
  const by = plugin === '' ? 'no plugin' : plugin;
  const why = options.flatMap(({ code: option, octets }) =>
    option === 15 && octets.length > 2 ? [` (${octets.toString('utf8', 2)})`] : [],
  );
  return `${name} from ${by}${why.join('')}`;
}

function records({ answers, authorities, additionals, silent }: Reply): readonly string[] {
  if (silent) return [];
  const all = [...answers, ...authorities, ...additionals];
  const more = all.length - maxShown;
  return [
    ...all.slice(0, maxShown).map((record) => `  ${formatRecord(record)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
