import { everywhere } from './access.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation } from './operation.ts';
import { answer } from './problems.ts';
import { integer, list, shape } from './schema.ts';
import { nodeView } from './views.ts';

/** Gateways that share the database. */
export function fleetOperations({ ports: { store, clock } }: Kit): readonly Operation[] {
  return [
    operation({
      id: 'getFleet',
      method: 'GET',
      path: '/v1/fleet',
      tag: 'fleet',
      summary: 'Lists gateways and how they do',
      access: { role: 'viewer', within: 'everywhere', place: everywhere },
      answers: {
        200: {
          description: 'All that were heard of lately.',
          body: shape('The fleet.', {
            now: integer('By the clock of who answers, in milliseconds since 1970.'),
            head: integer('The newest revision.'),
            nodes: list('By name.', nodeView, 10_000),
          }),
        },
      },
      problems: [],
      handle: async () => {
        const [nodes, head] = await Promise.all([store.fleet.nodes(), store.revisions.head()]);
        const now = clock.epoch();
        const aged = nodes.map((node) => ({ ...node, heartbeatAgeMs: Math.max(0, now - node.heartbeatAt) }));
        return answer(200, { now, head, nodes: aged.sort((a, b) => a.name.localeCompare(b.name)) });
      },
    }),
  ];
}
