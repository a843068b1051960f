import { isDeepStrictEqual } from 'node:util';
import type { AddressBlock, AddressListConfig } from '@turnpike/config';
import { AddressList, type ListState } from './address-list.ts';
import { FileSource } from './file-source.ts';
import type { ListPorts } from './list-ports.ts';
import type { ListSource } from './list-source.ts';
import { UrlSource } from './url-source.ts';

/** How a list is, for the admin API. */
export interface AddressListStatus extends ListState {
  readonly id: string;
  readonly kind: AddressListConfig['kind'];
}

interface KeptList {
  readonly config: AddressListConfig;
  readonly list: AddressList;
  readonly source: ListSource;
  readonly started: Promise<void>;
}

/** Keeps the named lists of a configuration fresh, and tells all threads what is in them. Lives in the supervisor. */
export class AddressListKeeper {
  readonly #ports: ListPorts;
  #kept: ReadonlyMap<string, KeptList> = new Map();

  constructor(ports: ListPorts) {
    this.#ports = ports;
  }

  /**
   * Keeps these lists and no others; those whose configuration is as before are left alone. Resolves when what is on this
   * machine is read and published: nobody waits for a URL. Never rejects, because a list with a problem is no reason not to
   * serve: it keeps what it had, and {@link status} says why.
   */
  async use(configs: readonly AddressListConfig[]): Promise<void> {
    const before = this.#kept;
    this.#kept = new Map(configs.map((config) => [config.id, this.#keep(config, before.get(config.id))]));
    const gone = [...before].filter(([id]) => !this.#kept.has(id)).map(([, kept]) => end(kept));
    await Promise.all([...gone, ...Array.from(this.#kept.values(), ({ started }) => started)]);
  }

  /** The lists in the order of the configuration. */
  status(): readonly AddressListStatus[] {
    return Array.from(this.#kept.values(), ({ config: { id, kind }, list }) => ({ id, kind, ...list.state }));
  }

  /** Looks again at the lists that are in files. */
  async reread(): Promise<void> {
    await Promise.all(Array.from(this.#kept.values(), ({ source }) => source.reread()));
  }

  /** Stops all refreshing; resolves when nothing is under way. */
  async close(): Promise<void> {
    const kept = [...this.#kept.values()];
    this.#kept = new Map();
    await Promise.all(kept.map(end));
  }

  #keep(config: AddressListConfig, before: KeptList | undefined): KeptList {
    if (before !== undefined && isSame(before.config, config)) return before;
    const list = before?.list ?? new AddressList(config.id, this.#ports);
    const source = sourceOf(config, list, this.#ports);
    return { config, list, source, started: replace(before, source) };
  }
}

/** One after the other, so that nothing of the old source comes after something of the new one. */
async function replace(before: KeptList | undefined, source: ListSource): Promise<void> {
  if (before !== undefined) await end(before);
  await source.start();
}

async function end({ source, started }: KeptList): Promise<void> {
  await Promise.all([source.close(), started]);
}

/** Whether they say the same, wherever they stand. */
function isSame(one: AddressListConfig, other: AddressListConfig): boolean {
  return isDeepStrictEqual({ ...one, origin: null }, { ...other, origin: null });
}

function inPlace(addresses: readonly AddressBlock[], list: AddressList): ListSource {
  return { start: async () => list.takeBlocks(addresses), reread: NOTHING, close: NOTHING };
}

const NOTHING = (): Promise<void> => Promise.resolve();

function sourceOf(config: AddressListConfig, list: AddressList, ports: ListPorts): ListSource {
  switch (config.kind) {
    case 'addresses':
      return inPlace(config.addresses, list);
    case 'file':
      return new FileSource(config.path, list, ports);
    case 'url':
      return new UrlSource(config, list, ports);
    default:
      return config satisfies never;
  }
}
