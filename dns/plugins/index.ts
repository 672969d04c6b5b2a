import { acl } from './acl/index.ts';
import { any } from './any/index.ts';
import { autopath } from './autopath/index.ts';
import { bufsize } from './bufsize/index.ts';
import { cache } from './cache/index.ts';
import { cancel } from './cancel/index.ts';
import { chaos } from './chaos/index.ts';
import { dns64 } from './dns64/index.ts';
import { erratic } from './erratic/index.ts';
import { errors } from './errors/index.ts';
import { file } from './file/index.ts';
import { forward } from './forward/index.ts';
import { header } from './header/index.ts';
import { hosts } from './hosts/index.ts';
import { k8sExternal } from './k8s_external/index.ts';
import type { PluginKind } from './kind.ts';
import { kubernetes } from './kubernetes/index.ts';
import { loadbalance } from './loadbalance/index.ts';
import { local } from './local/index.ts';
import { log } from './log/index.ts';
import { loop } from './loop/index.ts';
import { minimal } from './minimal/index.ts';
import { nsid } from './nsid/index.ts';
import { rewrite } from './rewrite/index.ts';
import { rrl } from './rrl/index.ts';
import { template } from './template/index.ts';
import { transfer } from './transfer/index.ts';
import { whoami } from './whoami/index.ts';

/**
 * Every plugin, in the order in which queries pass them; replies pass in reverse. The order of
 * lines in a Corefile does not matter: this one does, and it is CoreDNS's.
 */
export const pluginOrder: readonly PluginKind[] = [
  // On the outside: it judges what would be sent.
  rrl,
  // Its deadline must hold for everything below.
  cancel,
  // On the outside: it belongs to the message, not to the answer.
  nsid,
  // Before whatever sends the client's EDNS on to others.
  bufsize,
  // Before log, so that the line shows the rcode that an error became.
  errors,
  // Sees what the client gets, under the question that it asked.
  log,
  // These names must never leave the machine, whatever comes below.
  local,
  // Asks twice, so it must stand above what answers and what caches.
  dns64,
  // No answer below is worth giving to ANY.
  any,
  // Before the class of a query sends it nowhere.
  chaos,
  // Before cache: each hit is shuffled anew.
  loadbalance,
  // Before acl and cache: both must see the name that is served.
  rewrite,
  // Before acl: each name of the walk is checked.
  autopath,
  // Before cache: who may not ask gets no kept answer either.
  acl,
  // After all that depends on the client, before all that answers.
  cache,
  // After cache: flags are those of the answer as it was found.
  header,
  // After cache: what is kept is whole.
  minimal,
  // Local overrides come before the data that they override.
  template,
  // Before what has zones: it asks them for all of theirs.
  transfer,
  hosts,
  // Its zone may lie below the cluster's own.
  k8sExternal,
  // Before forward: what the cluster owns must never be asked outside.
  kubernetes,
  file,
  // Right before what it guards.
  loop,
  // Last resort: whatever nobody here knows.
  forward,
  // For tests, and for servers that do nothing else.
  erratic,
  whoami,
];
