import type { Workspace } from '../domain/callers.ts';
import { DEFAULT_WORKSPACE } from '../domain/objects.ts';
import { anywhere, everywhere, workspacesOf } from './access.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation } from './operation.ts';
import { pageOf } from './page-of.ts';
import { answerTagged, beliefOf, CONDITIONS, contentTag, READ_CONDITIONS, TAGGED } from './preconditions.ts';
import { answer, done, problem, type Reply } from './problems.ts';
import { list, optional, shape, text, textLike } from './schema.ts';
import { nameOf, PAGE, page, workspaceView } from './views.ts';

/** There is always one, for those who need no more. */
const DEFAULT: Workspace = {
  name: DEFAULT_WORKSPACE,
  description: 'Of those who name none.',
  hosts: [],
  paths: [],
};

const parameters = shape('', { name: nameOf('the workspace', 'payments') });
const administrators = { role: 'admin', within: 'everywhere', place: everywhere } as const;
const HOST = '^(\\*\\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$';

/** Parts of the gateway for teams. */
export function workspaceOperations(kit: Kit): readonly Operation[] {
  const { store } = kit.ports;
  return [
    operation({
      id: 'listWorkspaces',
      method: 'GET',
      path: '/v1/workspaces',
      tag: 'workspaces',
      summary: 'Lists workspaces that you may see',
      access: { role: 'viewer', within: 'any', place: anywhere },
      query: shape('', PAGE),
      answers: { 200: { description: 'A page of them.', body: page(workspaceView) } },
      problems: [],
      handle: async ({ query, caller }) => {
        const seen = workspacesOf(caller, 'viewer');
        const kept = await store.workspaces.list();
        const all = kept.some(({ name }) => name === DEFAULT_WORKSPACE) ? kept : [DEFAULT, ...kept];
        const visible = all.filter(({ name }) => seen?.includes(name) ?? true);
        return answer(
          200,
          pageOf(visible, query, ({ name }) => name),
        );
      },
    }),
    operation({
      id: 'getWorkspace',
      method: 'GET',
      path: '/v1/workspaces/{name}',
      tag: 'workspaces',
      summary: 'Shows one workspace',
      access: {
        role: 'viewer',
        within: 'workspace',
        place: ({ path }) => ({ kind: 'workspace', name: path.name }),
      },
      parameters,
      headers: READ_CONDITIONS,
      answers: {
        200: { description: 'The workspace.', body: workspaceView, headers: TAGGED },
        304: { description: 'It still is what you have.', body: null },
      },
      problems: ['NOT_FOUND'],
      handle: async ({ path: { name }, header }) => {
        const found = asSeen(name, await store.workspaces.find(name));
        return found === null ? missing(name) : answerTagged(header, found, contentTag(found));
      },
    }),
    operation({
      id: 'putWorkspace',
      method: 'PUT',
      path: '/v1/workspaces/{name}',
      tag: 'workspaces',
      summary: 'Makes or replaces one workspace',
      description: 'Bounds are for routes that are written from now on; those that are there stay.',
      access: administrators,
      parameters,
      body: shape('What it is.', {
        description: optional(text('For people.', 1_000)),
        hosts: optional(
          list('Hosts that its routes may take; empty: any.', textLike('Host.', HOST, '*.pay.example'), 100),
        ),
        paths: optional(
          list(
            'Beginnings of paths that its routes may take; empty: any.',
            textLike('Path.', '^/[^?#\\s]{0,999}$', '/pay/'),
            100,
          ),
        ),
      }),
      headers: CONDITIONS,
      answers: {
        200: { description: 'It was changed.', body: workspaceView, headers: TAGGED },
        201: { description: 'It was made.', body: workspaceView, headers: TAGGED },
      },
      problems: ['PRECONDITION_FAILED'],
      handle: async (call) => {
        const { name } = call.path;
        const { description = '', hosts = [], paths = [] } = call.body;
        const before = await store.workspaces.find(name);
        const workspace = { name, description, hosts, paths };
        const etag = contentTag(workspace);
        const belief = beliefOf<Workspace>(call.header, contentTag);
        const permits = (now: Workspace | null): boolean => belief.isTrue(asSeen(name, now));
        const isSame = before !== null && contentTag(before) === etag && permits(before);
        if (isSame) return answer(200, before, { ETag: etag });
        if (!(await store.workspaces.put(workspace, permits))) return belief.refusal() ?? missing(name);
        await kit.audit.done(call, { action: 'workspace.put', target: name, workspace: name });
        return answer(before === null ? 201 : 200, workspace, { ETag: etag });
      },
    }),
    operation({
      id: 'deleteWorkspace',
      method: 'DELETE',
      path: '/v1/workspaces/{name}',
      tag: 'workspaces',
      summary: 'Removes a workspace that is empty',
      access: administrators,
      parameters,
      headers: CONDITIONS,
      answers: { 204: { description: 'It is gone.', body: null } },
      problems: ['NOT_FOUND', 'IN_USE', 'PRECONDITION_FAILED'],
      handle: async (call) => {
        const { name } = call.path;
        if (name === DEFAULT_WORKSPACE) return problem('IN_USE', { detail: 'it is always there' });
        const { objects } = await kit.changer.head();
        const inside = [...objects.values()].filter(({ workspace }) => workspace === name).length;
        if (inside > 0) return problem('IN_USE', { detail: `it has ${inside} objects` });
        const belief = beliefOf<Workspace>(call.header, contentTag);
        if (!(await store.workspaces.remove(name, belief.isTrue))) return belief.refusal() ?? missing(name);
        await kit.audit.done(call, { action: 'workspace.delete', target: name, workspace: name });
        return done();
      },
    }),
  ];
}

/** There is always a default one, whether it was ever written or not. */
function asSeen(name: string, kept: Workspace | null): Workspace | null {
  return kept ?? (name === DEFAULT_WORKSPACE ? DEFAULT : null);
}

function missing(name: string): Reply {
  return problem('NOT_FOUND', { detail: `there is no workspace "${name}"` });
}
