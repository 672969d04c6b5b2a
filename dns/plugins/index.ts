import type { Random } from '../../controller/base/index.ts';
import { ErrorsPlugin } from './errors/index.ts';
import { type ForwardConfig, ForwardPlugin, forwardParts } from './forward/index.ts';
import { type KubernetesConfig, KubernetesPlugin } from './kubernetes/index.ts';
import type { Plugin, PluginContext } from './plugin.ts';

export interface PluginsConfig {
  readonly kubernetes: KubernetesConfig;
  readonly forward: ForwardConfig;
}

/** The plugins of one server, in the order in which they see a query. */
export interface Plugins {
  readonly order: readonly Plugin[];
  readonly kubernetes: KubernetesPlugin;
  readonly forward: ForwardPlugin;
}

/** @throws ConfigError `BadUpstream` */
export function createPlugins(
  config: PluginsConfig,
  context: PluginContext,
  random: Random,
): Plugins {
  const errors = new ErrorsPlugin(context);
  const kubernetes = new KubernetesPlugin(config.kubernetes, context);
  const forward = new ForwardPlugin(config.forward, context, forwardParts(context.clock, random));
  const order = [
    // First, to see what every other plugin raises.
    errors,
    // Before forward: what the cluster owns must never be asked outside.
    kubernetes,
    // Last: whatever nobody here knows.
    forward,
  ];
  return { order, kubernetes, forward };
}
