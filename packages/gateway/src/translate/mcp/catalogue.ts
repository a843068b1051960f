import type { Exchange } from '../../core/exchange.ts';
import { ownTools } from './own-tools.ts';
import { sortedByName, type Listed } from './page.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import { remoteLists, type RemoteLists } from './remote-lists.ts';
import { remoteServer, SEPARATOR, type RemoteServer } from './remote-server.ts';
import type { OwnTool } from './tool.ts';

/** All tools of an endpoint. */
export interface Catalogue {
  /** Sorted by name. */
  list(exchange: Exchange): Promise<WholeList>;
  find(name: string): Found | null;
  /** Whether it is known that there is such a tool. */
  isKnown(name: string): boolean;
}

/** Everything that is listed, before anybody's rights are looked at. */
export interface WholeList {
  readonly listed: readonly Listed[];
  /** Whether all servers have answered. */
  readonly isWhole: boolean;
  /** Whether it is the same for everybody. */
  readonly isPublic: boolean;
}

/** Who answers for a name. */
export type Found =
  | { readonly kind: 'own'; readonly tool: OwnTool }
  | {
      readonly kind: 'remote';
      readonly server: RemoteServer;
      readonly lists: RemoteLists;
      readonly tool: string;
    };

interface Remote {
  readonly server: RemoteServer;
  readonly lists: RemoteLists;
}

/** Names of servers that are remembered for the metrics. */
const MAX_KNOWN = 2000;

/** Puts together what operations and servers have. */
export function catalogue(plan: McpPlan, ports: McpPorts): Catalogue {
  const { config, ownsCredentials } = plan;
  const own = ownTools(plan, ports);
  const decisions = ports.decisions('mcp');
  const remotes = config.servers.map((server): Remote => {
    const remotePlan = { server, timeoutMs: config.serverTimeoutMs, ownsCredentials };
    const remote = remoteServer(remotePlan, { towards: ports.towards(server.service), wheel: ports.wheel });
    return { server: remote, lists: remoteLists(remote, ports.clock) };
  });
  const byPrefix = new Map(remotes.map((remote) => [remote.server.prefix, remote]));
  let known: ReadonlySet<string> = new Set();

  async function list(exchange: Exchange): Promise<WholeList> {
    const { tools, missing } = own();
    const lists = await Promise.all(remotes.map(({ lists: remote }) => remote.get(exchange)));
    const found = lists.filter((one) => one !== null);
    const lost = missing + lists.length - found.length;
    for (let count = 0; count < lost; count++) decisions.failed('server');
    const remoteTools = found.flatMap(({ tools: theirs }) => theirs);
    known = new Set(remoteTools.slice(0, MAX_KNOWN).map(({ name }) => name));
    const ownListed = Array.from(tools.values(), ({ listing, name }): Listed => ({ ...listing, name }));
    return {
      listed: sortedByName(distinct([...ownListed, ...remoteTools])),
      isWhole: lost === 0,
      isPublic: found.every(({ isPublic }) => isPublic),
    };
  }

  return {
    list,
    isKnown: (name) => own().tools.has(name) || known.has(name),
    find(name) {
      const tool = own().tools.get(name);
      if (tool !== undefined) return { kind: 'own', tool };
      const at = name.indexOf(SEPARATOR);
      const remote = at === -1 ? undefined : byPrefix.get(name.slice(0, at));
      return remote === undefined
        ? null
        : { kind: 'remote', ...remote, tool: name.slice(at + SEPARATOR.length) };
    },
  };
}

/** Of a name that is there twice the first: our own. */
function distinct(listed: readonly Listed[]): readonly Listed[] {
  return [...new Map(listed.toReversed().map((one) => [one.name, one])).values()];
}
