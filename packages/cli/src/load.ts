import type { GatewayConfig, Issue } from '@turnpike/config';
import { createLoader, type Loader } from '@turnpike/config/load';
import { pluginTrial } from './gateway.ts';
import { hasErrors } from './output/issues.ts';
import { routeIssues } from './route-issues.ts';

/** A configuration as the commands see it. */
export interface Checked {
  /** `null` if any issue is an error. */
  readonly config: GatewayConfig | null;
  readonly issues: readonly Issue[];
}

/** Loads a configuration and checks all that can be checked without using it. */
export async function loadAndCheck(
  paths: readonly string[],
  load: Loader = createLoader({ tryPlugins: pluginTrial() }),
): Promise<Checked> {
  const { config, issues } = await load(paths);
  if (config === null) return { config, issues };
  const all = [...issues, ...routeIssues(config)];
  return { config: hasErrors(all) ? null : config, issues: all };
}
