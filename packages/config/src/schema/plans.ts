import type { Plan } from './typebox.ts';

// Sections of which nothing is built yet. One that is begun moves into a file of its own.

/** An entry of `apis`. */
export const API: Plan = [
  'One API.',
  { openapi: 'The document.', service: 'Who answers.', basePath: 'In front of its paths.' },
];

/** `stores.redis`. */
export const REDIS: Plan = [
  'Shared counters and cache.',
  {
    url: 'Where.',
    cluster: 'Whether it is a cluster.',
    keyPrefix: 'In front of every key.',
    timeout: 'For one command.',
  },
];
