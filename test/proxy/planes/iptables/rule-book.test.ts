import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ChainNames } from '../../../../proxy/planes/iptables/chain-names.ts';
import { Dispatch } from '../../../../proxy/planes/iptables/dispatch.ts';
import { portRules } from '../../../../proxy/planes/iptables/port-rules.ts';
import {
  type Change,
  type ChainWrites,
  RuleBook,
} from '../../../../proxy/planes/iptables/rule-book.ts';
import type { ServicePort } from '../../../../proxy/compile/table.ts';
import { endpoint, servicePort } from '../kernel/fixtures.ts';

const names = new ChainNames('P');
const dispatch = new Dispatch(names, {
  family: 'IPv4',
  mark: '0x4000',
  masqueraded: undefined,
  toNodePorts: [],
});
const options = { detector: { kind: 'none' }, sourceFilter: () => undefined } as const;
const put = (port: ServicePort): Change => [
  port.key,
  portRules(port, { names, dispatch, options }),
];

const web = servicePort({ clusterIP: '10.96.0.1', clusterEndpoints: [endpoint('10.244.0.1')] });
const api = servicePort({
  name: 'api',
  clusterIP: '10.96.0.2',
  clusterEndpoints: [endpoint('10.244.0.2')],
});
const written = ({ nat, filter }: ChainWrites): readonly string[] =>
  [...nat.chains.keys(), ...filter.chains.keys()].toSorted();

test('a changed endpoint writes one chain', () => {
  const book = new RuleBook(dispatch);
  book.change([put(web), put(api)]);
  const writes = book.change([put({ ...web, clusterEndpoints: [endpoint('10.244.0.9')] })]);
  deepEqual(written(writes), [names.of('SVC', web.key)]);
});

test('the last endpoint gone: the leaf loses its rule, the chain goes, filter refuses', () => {
  const book = new RuleBook(dispatch);
  book.change([put(web), put(api)]);
  const writes = book.change([put({ ...web, clusterEndpoints: [], hasAnyEndpoint: false })]);
  deepEqual(written(writes), [
    'P-C-10.96.0.0_24',
    'P-U-10.96.0.0_16',
    'P-U-10.96.0.0_24',
    'P-UNSERVED',
  ]);
  deepEqual([...writes.nat.unused], [names.of('SVC', web.key)]);
});

test('the digest follows what is in it, whatever the order', () => {
  const one = new RuleBook(dispatch);
  const other = new RuleBook(dispatch);
  one.change([put(web), put(api)]);
  other.change([put(api), put(web)]);
  equal(one.digest, other.digest);
  other.change([put({ ...web, port: 81 })]);
  notEqual(one.digest, other.digest);
  other.change([put(web)]);
  equal(one.digest, other.digest);
});

test('what was taken back is written again with the next change', () => {
  const book = new RuleBook(dispatch);
  book.change([put(web)]);
  const before = book.digest;
  const refused = [put({ ...web, clusterEndpoints: [], hasAnyEndpoint: false })];
  const old = [book.rules.get(web.key)];
  book.change(refused);
  book.undo(refused, old);
  equal(book.digest, before);
  // `filter` is written before `nat` refuses: so it has to be put right.
  const writes = book.change([put(api)]);
  equal(writes.filter.chains.has('P-UNSERVED'), true);
  book.settled();
  deepEqual([...book.change([put(api)]).filter.chains.keys()], []);
});
