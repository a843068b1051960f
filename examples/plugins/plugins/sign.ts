// Slot `before-service`: signs what the service really gets, after every rewrite, and once for each service that is asked.
import { createHmac } from 'node:crypto';
import { definePolicy } from '@turnpike/sdk';

export default definePolicy({
  name: 'sign',
  slot: 'before-service',
  file: import.meta.url,
  schema: {
    type: 'object',
    properties: {
      key: { type: 'string', minLength: 16 },
      maxBytes: { type: 'integer', minimum: 0, default: 65_536 },
    },
    required: ['key'],
    additionalProperties: false,
  },
  create: ({ key, maxBytes }, { clock }) => {
    return (next) => async (exchange) => {
      const { method, url, headers, body } = exchange;
      const seconds = Math.floor(clock.epoch() / 1000);
      const signed = createHmac('sha256', key)
        .update(`${seconds}\n${method}\n${url.path}${url.query}\n`)
        .update(await body.bytes(maxBytes));
      headers.set('X-Signature', `t=${seconds},v1=${signed.digest('hex')}`);
      return next(exchange);
    };
  },
});
