import type { Wrapper } from './core/exchange.ts';
import type { StageName } from './stage-names.ts';

/** Stages that may have to wait for somebody: another service, a store, a body, or their turn. */
const WAITING: ReadonlySet<string> = new Set<StageName>([
  'rate-limit',
  'authenticate',
  'authorize',
  'validate',
  'cache',
  'upstream-credentials',
  'admission',
  'fault',
]);

/** A stage whose waiting is a span of the trace; of stages that wait for nobody there is nothing to tell. */
export function spanned(stage: string, wrapper: Wrapper): Wrapper {
  if (!WAITING.has(stage) && !stage.startsWith('plugins/')) return wrapper;
  return (next) => {
    const handle = wrapper((exchange) => {
      exchange.trace?.passed();
      return next(exchange);
    });
    return (exchange) => {
      exchange.trace?.entered(stage);
      return handle(exchange);
    };
  };
}
