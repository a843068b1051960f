import type { Caller } from '../domain/callers.ts';
import { NOBODY } from './access.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation } from './operation.ts';
import type { LoginStep } from '../domain/entrance.ts';
import { answer, done, problem, type Reply } from './problems.ts';
import { choice, nullable, optional, shape, text } from './schema.ts';
import { rolesIn, roleOrNull } from './views.ts';

const meView = shape('Whoever calls.', {
  name: text('As in the audit log.', 10_000),
  via: choice('How they are known.', ['loopback', 'token', 'session', 'certificate']),
  role: roleOrNull,
  workspaces: rolesIn,
  csrf: nullable(text('For the header `X-CSRF-Token` of each change.'), 'Null: not a session of a browser.'),
});

const anyone = { role: null } as const;
const COOKIE = { 'Set-Cookie': 'The session. Scripts cannot read it, and other sites cannot send it.' };

/** How browsers come in and go. */
export function sessionOperations({ ports: { sessions } }: Kit): readonly Operation[] {
  return [
    operation({
      id: 'getMe',
      method: 'GET',
      path: '/v1/me',
      tag: 'session',
      summary: 'Tells who you are',
      access: anyone,
      answers: { 200: { description: 'You.', body: meView } },
      problems: ['UNAUTHORIZED'],
      handle: async ({ caller, raw }) =>
        caller === NOBODY ? unknown() : answer(200, viewOf(caller, sessions.csrf(raw))),
    }),
    operation({
      id: 'enter',
      method: 'POST',
      path: '/v1/session',
      tag: 'session',
      summary: 'Changes a token for the cookie of a session',
      description: 'For browsers, which should keep no token. Programs send their token with each request.',
      access: anyone,
      body: shape('The token.', { token: text('The token.', 1_000) }),
      maxBodyBytes: 4 * 1024, // who sends it has not said yet who they are
      answers: { 200: { description: 'You.', body: meView, headers: COOKIE } },
      problems: ['UNAUTHORIZED', 'LOGIN_BLOCKED'],
      handle: async ({ raw, body }) => {
        const entered = await sessions.enter(raw, body.token);
        if (entered.kind === 'refused') return unknown();
        if (entered.kind === 'blocked') return blocked(entered.retryAfterSeconds);
        return answer(200, viewOf(entered.caller, entered.csrf), { 'Set-Cookie': entered.cookies });
      },
    }),
    operation({
      id: 'leave',
      method: 'DELETE',
      path: '/v1/session',
      tag: 'session',
      summary: 'Ends the session',
      access: anyone,
      answers: { 204: { description: 'It is over.', body: null, headers: COOKIE } },
      problems: [],
      handle: async ({ raw }) => done({ 'Set-Cookie': await sessions.leave(raw) }),
    }),
    operation({
      id: 'login',
      method: 'GET',
      path: '/v1/login',
      tag: 'session',
      summary: 'Leads a browser to the identity provider',
      access: anyone,
      query: shape('', { to: optional(text('Path of the dashboard to come back to.', 500)) }),
      answers: { 302: { description: 'To the provider.', body: null, headers: { Location: 'There.' } } },
      problems: ['NOT_FOUND', 'LOGIN_FAILED', 'LOGIN_BLOCKED'],
      handle: async ({ raw }) => stepOf(await sessions.login(raw)),
    }),
    operation({
      id: 'loginCallback',
      method: 'GET',
      path: '/v1/login/callback',
      tag: 'session',
      summary: 'Where the identity provider sends a browser back to',
      access: anyone,
      query: shape('', {
        code: optional(text('Of the provider.', 8_000)),
        state: optional(text('Ours.', 8_000)),
        iss: optional(text('The provider.', 2_000)),
        session_state: optional(text('Of the provider.', 2_000)),
        error: optional(text('Of the provider.', 2_000)),
        error_description: optional(text('Of the provider.', 8_000)),
        error_uri: optional(text('Of the provider.', 2_000)),
        scope: optional(text('Of the provider.', 8_000)),
      }),
      answers: {
        302: { description: 'To the dashboard.', body: null, headers: { ...COOKIE, Location: 'There.' } },
      },
      problems: ['NOT_FOUND', 'LOGIN_FAILED', 'LOGIN_BLOCKED'],
      handle: async ({ raw }) => stepOf(await sessions.callback(raw)),
    }),
  ];
}

function viewOf({ name, via, role, workspaces }: Caller, csrf: string | null): object {
  return { name, via, role, workspaces: Object.fromEntries(workspaces), csrf };
}

function stepOf(step: LoginStep): Reply {
  switch (step.kind) {
    case 'redirect': {
      const { location, cookies } = step;
      return { status: 302, headers: { Location: location, 'Set-Cookie': cookies }, body: undefined };
    }
    case 'refused':
      return problem('LOGIN_FAILED', { detail: step.detail });
    case 'blocked':
      return blocked(step.retryAfterSeconds);
    case 'off':
      return problem('NOT_FOUND', { detail: 'no identity provider is configured for the admin API' });
    default:
      return step satisfies never;
  }
}

function unknown(): Reply {
  return problem('UNAUTHORIZED', {}, { 'WWW-Authenticate': 'Bearer realm="turnpike admin"' });
}

function blocked(seconds: number): Reply {
  return problem('LOGIN_BLOCKED', {}, { 'Retry-After': String(seconds) });
}
