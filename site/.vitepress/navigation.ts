/** Pages by what an operator wants to do. Paths are those in the repository, without `.md`. */
export interface Group {
  readonly title: string;
  readonly pages: readonly string[];
}

/** The whole site, in the order of its side bar. A test holds that each page of `docs/` is here once. */
export const GROUPS: readonly Group[] = [
  { title: 'Start', pages: ['docs/quick-start', 'docs/install', 'docs/coming-from'] },
  {
    title: 'Who may come in, and how much',
    pages: [
      'docs/access',
      'docs/identity-providers',
      'docs/limits',
      'docs/tls',
      'docs/acme',
      'docs/security',
    ],
  },
  {
    title: 'Services and their failures',
    pages: [
      'docs/discovery',
      'docs/discovery-registries',
      'docs/balancing',
      'docs/health',
      'docs/resilience',
      'docs/retries',
    ],
  },
  { title: 'Answers from memory', pages: ['docs/cache', 'docs/cache-redis'] },
  {
    title: 'Protocols and messages',
    pages: [
      'docs/messages',
      'docs/websocket',
      'docs/http2',
      'docs/grpc',
      'docs/grpc-web',
      'docs/grpc-descriptors',
      'docs/transcoding',
      'docs/graphql',
      'docs/soap',
      'docs/mcp',
    ],
  },
  {
    title: 'Steering',
    pages: [
      'docs/steering',
      'docs/dashboard',
      'docs/admin-api',
      'docs/database',
      'docs/fleet',
      'docs/testing',
      'docs/plugins',
    ],
  },
  {
    title: 'Operating',
    pages: [
      'docs/operations',
      'docs/metrics',
      'docs/alerts',
      'docs/logging',
      'docs/tracing',
      'docs/live',
      'docs/performance',
    ],
  },
  {
    title: 'Reference',
    pages: [
      'docs/reference/configuration',
      'docs/reference/commands',
      'docs/reference/errors',
      'docs/reference/metrics',
      'docs/reference/admin-api',
      'docs/reference/tests',
    ],
  },
  {
    title: 'The project',
    pages: [
      'ARCHITECTURE',
      'CHANGELOG',
      'SECURITY',
      'CONTRIBUTING',
      'docs/adding-a-protocol',
      'docs/dependencies',
      'docs/releasing',
      'bench/README',
    ],
  },
];

/** Decisions have a group of their own, made of what is in this folder. */
export const DECISIONS = 'docs/adr';
