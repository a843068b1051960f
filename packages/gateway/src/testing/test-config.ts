import {
  formatIssue,
  parametersOf,
  plainSource,
  readConfig,
  type GatewayConfig,
  type Issue,
} from '@turnpike/config';
import { createLoader } from '@turnpike/config/load';
import { isPolicy, type AnyPolicy } from '@turnpike/sdk';
import { pluginTrial } from '../plugins/try-plugins.ts';
import { faultsOf } from '../plugins/try-plugin.ts';

/** A configuration, with the plugins that are in no file. */
export interface TestConfig {
  readonly config: GatewayConfig;
  readonly plugins: ReadonlyMap<string, AnyPolicy>;
}

/** Reads files as a gateway would, or a document whose plugins are values. Throws with everything that is wrong. */
export async function testConfig(given: object | string | readonly string[]): Promise<TestConfig> {
  if (typeof given === 'string') return fromFiles([given]);
  return Array.isArray(given) ? fromFiles(given as readonly string[]) : fromDocument(given);
}

async function fromFiles(paths: readonly string[]): Promise<TestConfig> {
  const { config, issues } = await createLoader({ tryPlugins: pluginTrial() })(paths);
  if (config === null) throw rejected(issues);
  return { config, plugins: new Map() };
}

function fromDocument(document: object): TestConfig {
  const plugins = new Map<string, AnyPolicy>();
  const plain = withNames({ listeners: { web: { address: '127.0.0.1:0' } }, ...document }, plugins);
  const { config, issues } = readConfig([plainSource('test', plain)]);
  if (config === null) throw rejected(issues);
  for (const route of config.routes) checkPlugins(route, plugins);
  return { config, plugins };
}

/** The same with a name for each plugin, because a configuration is data. */
function withNames(value: unknown, plugins: Map<string, AnyPolicy>): unknown {
  if (isPolicy(value)) {
    const known = [...plugins].find(([, policy]) => policy === value)?.[0];
    const file = known ?? `/plugins/${plugins.size}-${value.name}.ts`;
    plugins.set(file, value);
    return file;
  }
  if (Array.isArray(value)) return value.map((item) => withNames(item, plugins));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withNames(inner, plugins)]));
}

/** What a loader would say of plugins in files. */
function checkPlugins(
  { id, match, policies }: GatewayConfig['routes'][number],
  plugins: ReadonlyMap<string, AnyPolicy>,
): void {
  const parameters = parametersOf(match.path);
  for (const { file, digest, with: config } of policies.plugins) {
    const policy = plugins.get(file);
    if (policy === undefined)
      throw new Error(`route ${id}: a document of a test has its plugins as values, and ${file} is none`);
    const faults = faultsOf(policy, { file: policy.name, digest, with: config, route: { id, parameters } });
    if (faults.length === 0) continue;
    const texts = faults.map(
      ({ at, pointer, message }) => `plugin ${policy.name}, ${at}${pointer}: ${message}`,
    );
    throw new Error(texts.join('\n'));
  }
}

function rejected(issues: readonly Issue[]): Error {
  const errors = issues.filter(({ severity }) => severity === 'error');
  return new Error(errors.map((issue) => formatIssue(issue)).join('\n'));
}
