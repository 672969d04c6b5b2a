import type { EngineOptions, FilterConfig, RouteOptions } from '../../../ingress/index.ts';
import { createWireEngine } from '../../../ingress/index.ts';
import { RawUpstream, type Rig, rigWith, startRig } from '../engines/compat/rig.ts';
import { host, pool, route, table, toPool } from '../engines/compat/table.ts';

rigWith(createWireEngine);

/** An engine with one filtered route, `app.test/app`, and the endpoint behind it. */
export interface FilterRig extends AsyncDisposable {
  readonly rig: Rig;
  readonly upstream: RawUpstream;
}

/** Starts the wire engine with these filters; `answer`: what the endpoint sends for each request. */
export async function filterRig(
  filters: readonly FilterConfig[],
  answer: string,
  over: { readonly options?: RouteOptions; readonly engine?: Partial<EngineOptions> } = {},
): Promise<FilterRig> {
  const upstream = new RawUpstream(({ socket, text }) => {
    if (text().includes('\r\n\r\n')) socket.end(answer, 'latin1');
  });
  const endpoint = await upstream.listen();
  const filtered = route('/app', toPool('app'), { filters, options: over.options });
  const rig = await startRig(
    table([host('app.test', [filtered])], [pool('app', [endpoint])]),
    over.engine,
  );
  return {
    rig,
    upstream,
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}
