import type { Exchange } from '../../core/exchange.ts';
import { TOOLS, type Entry } from './listing.ts';
import { ownTools } from './own-tools.ts';
import { inOrder } from './page.ts';
import type { McpPlan, McpPorts } from './ports.ts';
import { ledBy, listOf, offering, type Led, type Remote, type WholeList } from './remotes.ts';
import type { OwnTool } from './tool.ts';

/** All tools of an endpoint. */
export interface Catalogue {
  list(exchange: Exchange): Promise<WholeList>;
  find(name: string): Found | null;
  /** Whether it is known that there is such a tool. */
  isKnown(name: string): boolean;
}

/** Who answers for a name. */
export type Found = { readonly kind: 'own'; readonly tool: OwnTool } | ({ readonly kind: 'remote' } & Led);

/** Names of servers that are remembered for the metrics. */
const MAX_KNOWN = 2000;

/** Puts together what operations and servers have. */
export function catalogue(plan: McpPlan, ports: McpPorts, all: readonly Remote[]): Catalogue {
  const own = ownTools(plan, ports);
  const decisions = ports.decisions('mcp');
  const remotes = offering(all, TOOLS);
  const leading = ledBy(remotes);
  let known: ReadonlySet<string> = new Set();

  async function list(exchange: Exchange): Promise<WholeList> {
    const { tools, missing } = own();
    const theirs = await listOf(remotes, TOOLS, { exchange, decisions });
    for (let count = 0; count < missing; count++) decisions.failed('server');
    known = new Set(theirs.entries.slice(0, MAX_KNOWN).map(({ key }) => key));
    const ours = Array.from(tools.values(), ({ listing, name }): Entry => {
      return { key: name, guard: name, shown: { ...listing, name } };
    });
    // Of a name that is there twice the first: our own.
    const entries = inOrder([...ours, ...theirs.entries]);
    return { ...theirs, entries, isWhole: theirs.isWhole && missing === 0 };
  }

  return {
    list,
    isKnown: (name) => own().tools.has(name) || known.has(name),
    find(name) {
      const tool = own().tools.get(name);
      if (tool !== undefined) return { kind: 'own', tool };
      const led = leading(name);
      return led === null ? null : { kind: 'remote', ...led };
    },
  };
}
