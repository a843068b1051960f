import type { Exchange, Reply } from '../../core/exchange.ts';
import { RPC } from '../../core/mcp/protocol.ts';
import { rpcFault } from '../../core/mcp/rpc-reply.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import type { ToolAccess } from './access.ts';
import { PROMPTS } from './listing.ts';
import type { McpPorts } from './ports.ts';
import { ledBy, listOf, type Remote, type WholeList } from './remotes.ts';
import type { McpRequest } from './request.ts';

/** The prompts of an endpoint: those of its servers. */
export interface Prompts {
  list(exchange: Exchange): Promise<WholeList>;
  /** Answers `prompts/get`. */
  get(request: McpRequest): Promise<Reply>;
}

/** Puts together the prompts of servers, under names that lead back to them. */
export function prompts(remotes: readonly Remote[], access: ToolAccess, ports: McpPorts): Prompts {
  const decisions = ports.decisions('mcp');
  const leading = ledBy(remotes);

  return {
    list: (exchange) => listOf(remotes, PROMPTS, { exchange, decisions }),
    async get({ exchange, message: { method, name, id } }) {
      exchange.record.operation = name;
      const led = leading(name);
      if (led === null) {
        const problem = `Unknown prompt: ${name.slice(0, 128)}`;
        return rpcFault(200, id, { code: RPC.invalidParams, message: problem });
      }
      const lack = access.lack(name, exchange.identity);
      if (lack !== null) {
        decisions.denied('prompt');
        return access.refusal(exchange, id, lack);
      }
      // From the list it is known how the server is spoken to.
      await untilCancelled(exchange, led.remote.lists(PROMPTS).get(exchange));
      return led.remote.server.pass(exchange, { method, name: led.name, id });
    },
  };
}
