import { isPolicy, SLOTS, type AnyPolicy } from '@turnpike/sdk';
import { addressOf, withoutAddresses } from './module-hooks.ts';

/** A file with the digest of all that it is made of. */
export interface PluginFile {
  readonly file: string;
  readonly digest: string;
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** What is wrong with a plugin, for its author. */
export class PluginRejected extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PluginRejected';
  }
}

/** Loads a plugin whose texts were provided. Rejects with `PluginRejected`, which names the file and what to do. */
export async function loadPlugin({ file, digest }: PluginFile): Promise<AnyPolicy> {
  const policy = defaultOf(await imported(file, digest));
  if (!isPolicy(policy))
    throw new PluginRejected(
      `${file}: its default export is no plugin: write \`export default definePolicy({ … })\``,
    );
  const { name, slot, schema } = policy;
  if (typeof name !== 'string' || !NAME.test(name))
    throw new PluginRejected(
      `${file}: the name of a plugin is small letters, digits and dashes, not ${JSON.stringify(name)}`,
    );
  if (!SLOTS.includes(slot))
    throw new PluginRejected(`${file}: there is no slot ${JSON.stringify(slot)}; choose ${SLOTS.join(', ')}`);
  if (typeof schema !== 'object' || schema === null || schema.type !== 'object')
    throw new PluginRejected(`${file}: the schema of \`with\` must have \`type: 'object'\``);
  return policy;
}

function defaultOf(module: unknown): unknown {
  return (module as { default?: unknown }).default;
}

async function imported(file: string, digest: string): Promise<unknown> {
  try {
    return await import(addressOf(file, digest));
  } catch (error) {
    throw new PluginRejected(`${placeOf(error, file)}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Where the fault is, if the error says so: `FILE:LINE`. */
function placeOf(error: unknown, file: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, path, line] = /(?:file:\/\/)?(\/[^\s()?]+)\?turnpike=[0-9a-f]*:(\d+)/.exec(stack) ?? [];
  return path === undefined ? file : `${decodeURIComponent(path)}:${line}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `it throws ${String(error)} while it is loaded`;
  const message = withoutAddresses(error.message);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return `${message}: types are only taken away here, so write what needs no compiler`;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ENOENT')
    return `${message}; write imports with their extension (./helper.ts), and install packages beside the plugin`;
  if (error instanceof SyntaxError || code === 'ERR_INVALID_TYPESCRIPT_SYNTAX')
    return `cannot be read: ${message}`;
  return `it fails while it is loaded: ${message}`;
}
