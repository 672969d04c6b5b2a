import type { ListenAddress, Problem } from '../../controller/base/index.ts';
import type { VirtualIPStatus } from '../../controller/vip/index.ts';
import type { Store } from '../../controller/store/index.ts';
import type { ZoneTable } from '../../dns/compile/table.ts';
import type { RouteTable } from '../../ingress/compile/table.ts';
import type { ServiceTable } from '../../proxy/compile/table.ts';

/** A plane that runs in this daemon, and where it listens. */
export interface RunningPlane {
  /** `userspace`, `dns`, `ingress` … */
  readonly name: string;
  readonly serves: 'services' | 'dns' | 'ingress';
  readonly addresses: readonly ListenAddress[];
}

/** What views tell of the daemon itself. */
export interface RuntimeFacts {
  readonly planes: readonly RunningPlane[];
  readonly nodeName: string;
  /** Without the trailing dot. */
  readonly clusterDomain: string;
  /** The virtual routers that this node runs. */
  readonly virtualIPs: readonly VirtualIPStatus[];
}

/** Everything that a view is made from: one moment of the daemon. */
export interface ViewInput {
  readonly store: Store;
  readonly services: ServiceTable;
  readonly routes: RouteTable;
  readonly zones: ZoneTable;
  readonly problems: readonly Problem[];
  readonly runtime: RuntimeFacts;
  /** Wall time, Unix milliseconds: ages count from it. */
  readonly nowMs: number;
}

/** Which objects to show. */
export interface ViewQuery {
  /** Undefined: every one. Without meaning for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}
