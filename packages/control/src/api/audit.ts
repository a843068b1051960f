import type { Place } from './operation.ts';
import { anywhere, workspacesOf } from './access.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation } from './operation.ts';
import { answer } from './problems.ts';
import { optional, shape, text } from './schema.ts';
import { auditView, PAGE, page } from './views.ts';

/** Who did what. */
export function auditOperations({ ports }: Kit): readonly Operation[] {
  return [
    operation({
      id: 'listAudit',
      method: 'GET',
      path: '/v1/audit',
      tag: 'audit',
      summary: 'Lists who did what, newest first',
      description: 'Changes, and what was refused. Who is admin of some workspaces only is told of these.',
      access: { role: 'admin', within: 'any', place: (): Place => anywhere() },
      query: shape('', {
        ...PAGE,
        author: optional(text('Only of this one.', 200)),
        action: optional(text('Only this, such as `object.put`.', 100)),
      }),
      answers: { 200: { description: 'A page of them.', body: page(auditView) } },
      problems: [],
      handle: async ({ query: { limit = 100, after = null, ...filter }, caller }) => {
        const workspaces = workspacesOf(caller, 'admin');
        return answer(200, await ports.store.audit.list({ ...filter, workspaces }, { limit, after }));
      },
    }),
  ];
}
