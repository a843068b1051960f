import type { Exchange } from '../../core/exchange.ts';
import type { Decisions } from '../../core/decisions.ts';
import { SEPARATOR, type Entry, type ListKind } from './listing.ts';
import { inOrder } from './page.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import { remoteLists, type RemoteLists } from './remote-lists.ts';
import { remoteServer, type RemoteServer } from './remote-server.ts';

/** One of the servers behind an endpoint. */
export interface Remote {
  readonly server: RemoteServer;
  /** What it lists of a kind. */
  lists(kind: ListKind): RemoteLists;
}

/** Everything that is listed, before anybody's rights are looked at. */
export interface WholeList {
  /** In the order of their keys. */
  readonly entries: readonly Entry[];
  /** Whether all servers have answered. */
  readonly isWhole: boolean;
  /** Whether it is the same for everybody. */
  readonly isPublic: boolean;
}

/** The servers behind an endpoint, in the order in which they are written. */
export function remotesOf({ config, ownsCredentials }: McpPlan, ports: McpPorts): readonly Remote[] {
  return config.servers.map((server): Remote => {
    const plan = { server, timeoutMs: config.serverTimeoutMs, ownsCredentials };
    const remote = remoteServer(plan, { towards: ports.towards(server.service), wheel: ports.wheel });
    const kept = new Map<ListKind, RemoteLists>();
    return {
      server: remote,
      lists(kind) {
        const known = kept.get(kind) ?? remoteLists((exchange) => remote.list(exchange, kind), ports.clock);
        kept.set(kind, known);
        return known;
      },
    };
  });
}

/** Those that offer something of a kind. */
export function offering(remotes: readonly Remote[], { offer }: ListKind): readonly Remote[] {
  return remotes.filter(({ server }) => server.config.offers.includes(offer));
}

/** What of a name leads to its server, and what it is there. */
export interface Led {
  readonly remote: Remote;
  readonly name: string;
}

/** Finds the server of a name by its prefix. */
export function ledBy(remotes: readonly Remote[]): (name: string) => Led | null {
  const byPrefix = new Map(remotes.map((remote) => [remote.server.prefix, remote]));
  return (name) => {
    const end = name.indexOf(SEPARATOR) + SEPARATOR.length;
    const remote = byPrefix.get(name.slice(0, end));
    return remote === undefined ? null : { remote, name: name.slice(end) };
  };
}

/** Asks all servers at the same time. Those that do not answer are counted, and left out. */
export async function listOf(
  remotes: readonly Remote[],
  kind: ListKind,
  { exchange, decisions }: { readonly exchange: Exchange; readonly decisions: Decisions },
): Promise<WholeList> {
  const lists = await Promise.all(remotes.map((remote) => remote.lists(kind).get(exchange)));
  const found = lists.filter((one) => one !== null);
  for (let lost = found.length; lost < lists.length; lost++) decisions.failed('server');
  return {
    entries: inOrder(found.flatMap(({ entries }) => entries)),
    isWhole: found.length === lists.length,
    isPublic: found.every(({ isPublic }) => isPublic),
  };
}
