import type { Handler } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { compileTemplate } from '../../core/template.ts';

/** Where the client is sent; `names` are the parameters of the route's path. */
export interface RedirectPlan {
  readonly to: string;
  readonly status: number;
  readonly names: readonly string[];
}

/** Sends the client elsewhere (RFC 9110 §15.4). The query goes along unless the target has its own. */
export function redirect({ to, status, names }: RedirectPlan): Handler {
  const location = compileTemplate(to, names);
  const takesQuery = !to.includes('?');

  return (exchange) => {
    const target = location(exchange.params) + (takesQuery ? exchange.targetQuery : '');
    return Promise.resolve({
      status,
      headers: headersOf(['Location', target]),
      body: '',
      code: '',
      tunnel: null,
    });
  };
}
