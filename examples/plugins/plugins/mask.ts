// Slot `before-cache`: what the cache keeps is the whole answer, and each caller gets of it what it may see.
import { policyFor } from '@turnpike/sdk';
import { masked } from './masked.ts';

export default policyFor<{ metadata: { readonly support: boolean } }>()({
  name: 'mask',
  slot: 'before-cache',
  file: import.meta.url,
  schema: {
    type: 'object',
    properties: {
      fields: { type: 'array', items: { type: 'string' }, minItems: 1 },
      maxBytes: { type: 'integer', minimum: 1, default: 1_048_576 },
    },
    required: ['fields'],
    additionalProperties: false,
  },
  create: ({ fields, maxBytes }) => {
    const hidden = new Set(fields);

    return (next) => async (exchange) => {
      const reply = await next(exchange);
      if (exchange.identity?.metadata.support === true) return reply;
      if (reply.headers.get('content-type')?.startsWith('application/json') !== true) return reply;
      const value = await reply.body.json(maxBytes);
      reply.body.replace(JSON.stringify(masked(value, hidden)));
      return reply;
    };
  },
});
