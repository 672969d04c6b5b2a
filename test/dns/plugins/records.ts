import { recordType, type Message } from '../../../dns/wire/index.ts';
import { parseRecord } from '../../../dns/zonefile/index.ts';
import type { Outside } from '../corefile-server.ts';

/** A reply as other resolvers give it, from records in text form. */
export function answering(
  answers: readonly string[],
  more: Partial<Message> = {},
): Partial<Message> {
  return { recursionAvailable: true, answers: answers.map(parseRecord), ...more };
}

/** Everything has one address, 192.0.2.1, for 60 s. */
export const everywhere: Outside = ({ questions: [question] }) =>
  question?.type === recordType.A
    ? answering([`${question.name.join('.')}. 60 IN A 192.0.2.1`])
    : { authorities: [parseRecord('. 900 IN SOA ns. host. 1 2 3 4 300')] };
