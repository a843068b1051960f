// Slot `before-authenticate`: answers before anything costly is done, and before anybody asks who is calling.
import { definePolicy, problem } from '@turnpike/sdk';

export default definePolicy({
  name: 'maintenance',
  slot: 'before-authenticate',
  file: import.meta.url,
  schema: {
    type: 'object',
    properties: {
      from: { type: 'string', format: 'date-time' },
      until: { type: 'string', format: 'date-time' },
      methods: { type: 'array', items: { type: 'string' }, default: ['POST', 'PUT', 'PATCH', 'DELETE'] },
    },
    required: ['from', 'until'],
    additionalProperties: false,
  },
  create: ({ from, until, methods }, { clock }) => {
    const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
    if (fromMs >= untilMs) throw new Error('the maintenance ends before it begins');

    return (next) => async (exchange) => {
      const nowMs = clock.epoch();
      if (nowMs < fromMs || nowMs >= untilMs || !methods.includes(exchange.method)) return next(exchange);
      const seconds = Math.ceil((untilMs - nowMs) / 1000);
      return problem(503, 'MAINTENANCE', {
        detail: 'Nothing can be changed for the moment',
        headers: { 'Retry-After': String(seconds) },
      });
    };
  },
});
