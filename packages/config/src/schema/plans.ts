import type { Plan } from './typebox.ts';

// Sections of which nothing is built yet. One that is begun moves into a file of its own.

/** An entry of `identityProviders`. */
export const PROVIDER: Plan = [
  'One provider.',
  {
    issuer: 'Its address, for discovery.',
    jwks: 'Its keys, by address or file.',
    audiences: 'Whom its tokens must be for.',
    clockTolerance: 'How far clocks may differ.',
    introspection: ['Asks about opaque tokens.', { clientId: 'Ours.', clientSecret: 'Ours.' }],
    login: [
      'Browsers: authorization code with PKCE.',
      {
        clientId: 'Ours.',
        clientSecret: 'Ours.',
        scopes: 'To ask for.',
        callbackPath: 'Where the provider sends browsers back.',
        logoutPath: 'Where a session ends.',
        session: ['An encrypted cookie.', { cookie: 'Its name.', secret: 'Its key.', lifetime: 'How long.' }],
      },
    ],
  },
];

/** An entry of `consumers`. */
export const CONSUMER: Plan = [
  'One caller.',
  {
    keys: 'Its API keys.',
    certificates: ['Its certificates.', { subject: 'The distinguished name.' }],
    scopes: 'What it may do.',
    metadata: ['Anything about it.', { tier: 'Its tier.' }],
  },
];

/** An entry of `lists`. */
export const ADDRESS_LIST: Plan = [
  'One list.',
  { addresses: 'In place.', file: 'In a file.', url: 'Elsewhere.', refresh: 'How often to fetch it.' },
];

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
