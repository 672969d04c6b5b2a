/** The service proxy: what to forward (`compile`), whom to choose (`balancer`), how (`planes`). */
export * from './balancer/index.ts';
export * from './compile/index.ts';
export { conntrackMinimums, raiseSysctls } from './conntrack/index.ts';
export * from './planes/any-ip.ts';
export {
  type KernelPlane,
  type KernelPlaneOptions,
  type LocalDetector,
  type NodePortAddresses,
  systemCommands,
} from './planes/kernel/index.ts';
export { createIptablesPlane, type IptablesVariant } from './planes/iptables/index.ts';
export { createNftablesPlane } from './planes/nftables/index.ts';
export * from './planes/userspace/index.ts';
