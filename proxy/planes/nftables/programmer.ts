import type { IPFamily } from '../../../controller/objects/index.ts';
import type { DataPlaneError } from '../../../controller/base/index.ts';
import type { ServicePort } from '../../compile/table.ts';
import {
  defaultMasqueradeBit,
  type FamilyProgrammer,
  type KernelPlaneOptions,
  nodePortAddressesOf,
} from '../kernel/index.ts';
import { wordsOf } from './family.ts';
import type { Nft } from './nft.ts';
import type { ServiceObjects } from './objects.ts';
import { type ServiceOptions, serviceObjects } from './service-objects.ts';
import { nodePortElements, staticRules } from './static-rules.ts';
import { type Change, TableSync } from './table-sync.ts';
import { planText } from './plan-text.ts';
import { Transaction } from './transaction.ts';

/** Owner of what belongs to the node and to no Service port; no `ServicePort.key` is empty. */
const nodeOwner = '';

export const defaultTableName = 'portolan';

/** Programs the Service ports of one family into one nftables table. */
export class NftablesProgrammer implements FamilyProgrammer {
  readonly family: IPFamily;
  readonly #options: KernelPlaneOptions;
  readonly #serviceOptions: ServiceOptions;
  readonly #table: string;
  readonly #nft: Nft;
  readonly #sync: TableSync;
  #nodePortAddresses: readonly string[] = [];

  constructor(family: IPFamily, nft: Nft, options: KernelPlaneOptions) {
    this.family = family;
    this.#options = options;
    this.#nft = nft;
    this.#serviceOptions = {
      detector: options.detector ?? { kind: 'none' },
      masqueradeAll: options.masqueradeAll ?? false,
      masqueradeBit: options.masqueradeBit ?? defaultMasqueradeBit,
      nodePortAddresses: options.nodePortAddresses ?? { kind: 'primary' },
      serviceCidrs: options.serviceCidrs ?? [],
      nodeAddresses: options.node.primary,
    };
    const words = wordsOf[family];
    this.#table = `${words.ip} ${options.ownName ?? defaultTableName}`;
    const rules = staticRules({ ...this.#serviceOptions, words });
    this.#sync = new TableSync({ nft, table: this.#table, rules, log: options.log });
  }

  /** Transactions that changed something. */
  get writes(): number {
    return this.#sync.writes;
  }

  async reconcile(ports: readonly ServicePort[]): Promise<ReadonlyMap<string, DataPlaneError>> {
    this.#nodePortAddresses = this.#acceptedAddresses();
    return await this.#sync.reconcile(this.#desired(ports, this.#nodePortAddresses));
  }

  async apply(
    upserted: readonly ServicePort[],
    removed: readonly string[],
  ): Promise<ReadonlyMap<string, DataPlaneError>> {
    const changes: Change[] = removed.map((owner) => ({ owner, objects: undefined }));
    for (const port of upserted) {
      changes.push({ owner: port.key, objects: serviceObjects(port, this.#serviceOptions) });
    }
    return await this.#sync.apply(changes);
  }

  async check(): Promise<'intact' | 'repaired'> {
    const state = await this.#sync.check();
    const accepted = this.#acceptedAddresses();
    if (accepted.join() !== this.#nodePortAddresses.join()) {
      await this.#sync.apply([{ owner: nodeOwner, objects: nodeObjects(accepted) }]);
      this.#nodePortAddresses = accepted;
    }
    return state === 'intact' ? 'intact' : 'repaired';
  }

  get hasIdle(): boolean {
    return this.#sync.hasIdle;
  }

  async sweep(): Promise<void> {
    await this.#sync.sweep();
  }

  plan(ports: readonly ServicePort[]): string {
    const words = wordsOf[this.family];
    const rules = staticRules({ ...this.#serviceOptions, words });
    return planText(this.#table, rules, this.#desired(ports, this.#acceptedAddresses()));
  }

  /** Deletes the table; that there is none is fine. */
  async remove(): Promise<void> {
    const transaction = new Transaction(this.#table);
    transaction.addTable();
    transaction.deleteTable();
    await this.#nft.apply(transaction.toString());
  }

  #desired(
    ports: readonly ServicePort[],
    accepted: readonly string[],
  ): ReadonlyMap<string, ServiceObjects> {
    const desired = new Map([[nodeOwner, nodeObjects(accepted)]]);
    for (const port of ports) desired.set(port.key, serviceObjects(port, this.#serviceOptions));
    return desired;
  }

  /** The node's addresses now; none if a rule asks the kernel instead. */
  #acceptedAddresses(): readonly string[] {
    const wanted = this.#options.nodePortAddresses ?? { kind: 'primary' };
    if (wanted.kind === 'all') return [];
    return nodePortAddressesOf(this.family, wanted, this.#options.node);
  }
}

function nodeObjects(accepted: readonly string[]): ServiceObjects {
  return { elements: nodePortElements(accepted), chains: [], sets: [] };
}
