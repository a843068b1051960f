import type {
  compileExpression,
  compileNumber,
  compileText,
  Facts,
  ResponseFacts,
} from '@turnpike/config/expression';
import type { Reply } from './core/exchange.ts';
import type { Expressions } from './core/expressions.ts';
import type { Clock } from './core/ports.ts';
import { ExchangeFacts, type RouteFacts } from './stages/authorize/request-facts.ts';

/** What compiles expressions, once it is loaded. */
export interface Compilers {
  readonly compileExpression: typeof compileExpression;
  readonly compileNumber: typeof compileNumber;
  readonly compileText: typeof compileText;
}

/** Expressions over the exchanges of a route. */
export function routeExpressions(compilers: Compilers, plan: RouteFacts, clock: Clock): Expressions {
  return {
    condition(text) {
      const { evaluate } = compilers.compileExpression(text);
      return (exchange) => evaluate(new ExchangeFacts(exchange, plan, clock));
    },
    amount(text) {
      const { evaluate } = compilers.compileNumber(text);
      return (exchange, reply) => {
        const facts = new ExchangeFacts(exchange, plan, clock);
        return evaluate(reply === null ? facts : withResponse(facts, reply));
      };
    },
    text(text) {
      const { evaluate } = compilers.compileText(text);
      return (exchange) => evaluate(new ExchangeFacts(exchange, plan, clock));
    },
  };
}

function withResponse(facts: ExchangeFacts, reply: Reply): Facts {
  const { request, identity, route, now } = facts;
  return { request, identity, route, now, response: responseFacts(reply) };
}

function responseFacts({ status, headers }: Reply): ResponseFacts {
  return {
    status,
    headers: {
      get: (name) => headers.getList(name),
      names: () => [...new Set(headers.names.map(({ lower }) => lower))],
    },
  };
}
