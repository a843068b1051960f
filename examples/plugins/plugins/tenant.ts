// Slot `after-authorize`: the caller is known, so who may see which tenant can be said. The route names the tenant in its path,
// the token of the caller says which one it belongs to.
import { policyFor, problem, valueKey } from '@turnpike/sdk';

/** What our identity provider puts into tokens. */
interface Claims {
  readonly tenant: string;
}

/** For plugins of later slots. */
export const TENANT = valueKey<string>('tenant');

export default policyFor<{ claims: Claims }>()({
  name: 'tenant',
  slot: 'after-authorize',
  path: '/tenants/{tenant}/*',
  file: import.meta.url,
  schema: {
    type: 'object',
    properties: {
      strict: { type: 'boolean', default: true, description: 'Refuse callers without a tenant.' },
      header: { type: 'string', default: 'X-Tenant', description: 'Tells the service.' },
    },
    additionalProperties: false,
  },
  create: ({ strict, header }) => {
    return (next) => async (exchange) => {
      const wanted = exchange.params.tenant;
      const own = exchange.identity?.claims.tenant;
      if (own === undefined && strict) return problem(403, 'NO_TENANT', 'The token names no tenant');
      if (own !== undefined && own !== wanted)
        return problem(404, 'UNKNOWN_TENANT', 'There is no such tenant');
      exchange.set(TENANT, wanted);
      exchange.headers.set(header, wanted);
      return next(exchange);
    };
  },
});
