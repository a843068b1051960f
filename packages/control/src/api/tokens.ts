import { ROLES } from '../domain/callers.ts';
import { newCredential } from '../domain/credential.ts';
import type { AdminToken } from '../domain/keys.ts';
import { everywhere } from './access.ts';
import { EXPIRY, expiryOf, invalid } from './expiry.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation } from './operation.ts';
import { pageOf } from './page-of.ts';
import { answerTagged, CONDITIONS, contentTag, READ_CONDITIONS, TAGGED, unmet } from './preconditions.ts';
import { answer, done, problem, type Reply } from './problems.ts';
import { choice, nullable, optional, shape, text, textLike } from './schema.ts';
import { PAGE, page, rolesIn, tokenView } from './views.ts';

const access = { role: 'admin', within: 'everywhere', place: everywhere } as const;

const parameters = shape('', {
  id: textLike('Id of the token.', '^tpa_[0-9A-Za-z]{8}$', 'tpa_Ab3dE6gH'),
});

/** Tokens of this API that are kept in the database. */
export function tokenOperations({ ports, audit }: Kit): readonly Operation[] {
  const findToken = async (id: string): Promise<AdminToken | null> => {
    const all = await ports.store.tokens.list();
    return all.find((token) => token.id === id) ?? null;
  };

  return [
    operation({
      id: 'listTokens',
      method: 'GET',
      path: '/v1/tokens',
      tag: 'tokens',
      summary: 'Lists tokens of this API',
      description: 'Those of the configuration file are not among them.',
      access,
      query: shape('', PAGE),
      answers: { 200: { description: 'A page of them.', body: page(tokenView) } },
      problems: [],
      handle: async ({ query }) => {
        const all = await ports.store.tokens.list();
        return answer(
          200,
          pageOf(all.map(viewOf), query, ({ id }) => id),
        );
      },
    }),
    operation({
      id: 'createToken',
      method: 'POST',
      path: '/v1/tokens',
      tag: 'tokens',
      summary: 'Makes a token of this API',
      description: 'The answer is the only time that the token is shown.',
      access,
      body: shape('What token.', {
        name: text('For people and for the audit log.', 100),
        role: optional(nullable(choice('In all workspaces.', ROLES), 'Null: only in `workspaces`.')),
        workspaces: optional(rolesIn),
        ...EXPIRY,
      }),
      answers: {
        201: {
          description: 'The token.',
          body: shape('A new token. It is shown once.', {
            ...tokenView.properties,
            token: text('The token.'),
          }),
          headers: TAGGED,
        },
      },
      problems: [],
      handle: async (call) => {
        const { name, role = null, workspaces = {} } = call.body;
        const now = ports.clock.epoch();
        const end = expiryOf(call.body, now);
        if ('status' in end) return end;
        if (name.trim() === '') return invalid('/name', 'a name is needed');
        if (role === null && Object.keys(workspaces).length === 0)
          return invalid('/role', 'a role is needed, in all workspaces or in some');
        const { id, text: token, digest } = newCredential('tpa', ports.secretBytes);
        const made = { createdAt: now, createdBy: call.caller.name, expiresAt: end.at ?? null };
        const created = await ports.store.tokens.create({ id, name, role, workspaces, digest, ...made });
        await audit.done(call, { action: 'token.create', target: id, workspace: null, detail: name });
        return answer(201, { ...viewOf(created), token }, { ETag: tagOf(created) });
      },
    }),
    operation({
      id: 'getToken',
      method: 'GET',
      path: '/v1/tokens/{id}',
      tag: 'tokens',
      summary: 'Shows a token of this API, without the token',
      access,
      parameters,
      headers: READ_CONDITIONS,
      answers: {
        200: { description: 'All but the token.', body: tokenView, headers: TAGGED },
        304: { description: 'It still is what you have.', body: null },
      },
      problems: ['NOT_FOUND'],
      handle: async ({ path: { id }, header }) => {
        const found = await findToken(id);
        return found === null ? missing(id) : answerTagged(header, viewOf(found), tagOf(found));
      },
    }),
    operation({
      id: 'deleteToken',
      method: 'DELETE',
      path: '/v1/tokens/{id}',
      tag: 'tokens',
      summary: 'Removes a token of this API',
      access,
      parameters,
      headers: CONDITIONS,
      answers: { 204: { description: 'It is not good any more.', body: null } },
      problems: ['NOT_FOUND', 'PRECONDITION_FAILED'],
      handle: async (call) => {
        const { id } = call.path;
        // A token never changes, so nobody can be in between.
        const found = await findToken(id);
        if (found === null) return missing(id);
        const failed = unmet(call.header, tagOf(found));
        if (failed !== null) return failed;
        if (!(await ports.store.tokens.remove(id))) return missing(id);
        await audit.done(call, { action: 'token.delete', target: id, workspace: null });
        return done();
      },
    }),
  ];
}

/** Its use is no change. */
function tagOf(token: AdminToken): string {
  return contentTag({ ...viewOf(token), lastUsedAt: null });
}

function missing(id: string): Reply {
  return problem('NOT_FOUND', { detail: `there is no token ${id}` });
}

function viewOf({ digest: _digest, ...view }: AdminToken): Omit<AdminToken, 'digest'> {
  return view;
}
