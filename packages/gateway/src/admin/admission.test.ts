import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import type { AdminConfig } from '@turnpike/config';
import { Admission } from './admission.ts';
import type { Answer } from './answer.ts';
import type { AdminCaller } from './callers.ts';
import type { CredentialFailure } from './failure-gate.ts';
import type { AdminRoute } from './router.ts';

const BARE = { name: null, workspaces: [] } as const;
const TOKENS: AdminConfig['tokens'] = [
  { token: 'v', ...BARE, role: 'viewer' },
  { token: 'e', ...BARE, role: 'editor' },
  { token: 'a', ...BARE, role: 'admin' },
];

function admissionOf(
  tokens: AdminConfig['tokens'],
  listeningOn = '127.0.0.1',
  identify: (request: IncomingMessage) => Promise<AdminCaller | null> = () => Promise.resolve(null),
  turnedAway: (failure: CredentialFailure) => unknown = () => {},
): Admission {
  const config = { address: { host: listeningOn, port: 0 }, tokens, certificates: [], login: null };
  const isOurPage = ({ headers }: IncomingMessage) => headers['x-csrf-token'] === 'of the session';
  const steering = {
    identify,
    isOurPage,
    turnedAway: (failure: CredentialFailure) => void turnedAway(failure),
  };
  return new Admission(config as unknown as AdminConfig, { steering, clock: manualClock() });
}

interface Sent {
  readonly method?: string;
  readonly headers: Record<string, string>;
}

/** What becomes of a request to something that needs a role. */
async function outcomeAt(admission: Admission, role: AdminRoute['role'], request: Sent): Promise<string> {
  const socket = { remoteAddress: '192.0.2.1' };
  const incoming = { method: 'GET', socket, ...request } as unknown as IncomingMessage;
  if (role === 'anyone') return told(admission.greet(incoming));
  const entry = await admission.enter(incoming);
  if (entry.kind === 'refused') return told(entry.answer);
  return told(admission.guard(entry.caller, incoming) ?? admission.allow(entry.caller, role));
}

function told(answer: Answer | null): string {
  if (answer === null) return 'in';
  return `${JSON.parse(String(answer.body)).code} ${answer.headers['WWW-Authenticate'] ?? ''}`.trim();
}

function outcome(
  tokens: AdminConfig['tokens'],
  role: AdminRoute['role'],
  request: Sent,
  listeningOn?: string,
): Promise<string> {
  return outcomeAt(admissionOf(tokens, listeningOn), role, request);
}

const bearer = (token: string) => ({ headers: { host: 'gw.example', authorization: `Bearer ${token}` } });

const from = (origin: string) => ({
  method: 'POST',
  headers: { host: 'localhost:9901', origin, authorization: 'Bearer a' },
});

describe('with tokens', () => {
  const challenge = 'Bearer realm="turnpike admin"';

  it('anyone may use what needs no role, under any name', async () => {
    assert.equal(await outcome(TOKENS, 'anyone', { headers: { host: 'gw.example' } }), 'in');
  });

  it('a caller needs a role that includes the one that is needed', async () => {
    const roles = ['viewer', 'editor', 'admin'] as const;
    for (const [have, token] of ['v', 'e', 'a'].entries()) {
      for (const [need, role] of roles.entries()) {
        const expected =
          have >= need ? 'in' : `FORBIDDEN_ROLE ${challenge}, error="insufficient_scope", scope="${role}"`;
        assert.equal(await outcome(TOKENS, role, bearer(token)), expected, `${token} ${role}`);
      }
    }
  });

  it('a caller without a valid one is challenged', async () => {
    assert.equal(await outcome(TOKENS, 'viewer', bearer('x')), `UNAUTHORIZED ${challenge}`);
    assert.equal(await outcome(TOKENS, 'viewer', { headers: {} }), `UNAUTHORIZED ${challenge}`);
  });
});

describe('without tokens', () => {
  it('this machine may do everything', async () => {
    for (const host of ['localhost', 'LOCALHOST:9901', '127.0.0.1:80', '[::1]:9901'])
      assert.equal(await outcome([], 'admin', { headers: { host } }), 'in', host);
    assert.equal(await outcome([], 'admin', { headers: { host: '127.0.0.2:1' } }, '127.0.0.2'), 'in');
    assert.equal(await outcome([], 'admin', { headers: { host: '[::1]' } }, '::1'), 'in');
  });

  it('a name that is not of this machine is refused, as it may have been rebound', async () => {
    const hosts = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example:80',
      'x@localhost',
      '',
      '[::1',
    ];
    for (const host of hosts)
      assert.equal(await outcome([], 'anyone', { headers: { host } }), 'FOREIGN_HOST', host);
    assert.equal(await outcome([], 'anyone', { headers: {} }), 'FOREIGN_HOST');
  });

  it('nobody gets in where it listens for the network', async () => {
    assert.match(await outcome([], 'viewer', { headers: { host: 'localhost' } }, '0.0.0.0'), /^UNAUTHORIZED/);
  });
});

describe('a request that changes something', () => {
  it('may come from a page of our own', async () => {
    assert.equal(await outcome([], 'editor', from('http://localhost:9901')), 'in');
    assert.equal(await outcome(TOKENS, 'editor', from('http://LOCALHOST:9901')), 'in');
  });

  it('may not come from another page, token or not', async () => {
    for (const origin of ['https://evil.example', 'http://localhost:3000', 'null', '']) {
      assert.equal(await outcome([], 'editor', from(origin)), 'FOREIGN_ORIGIN', origin);
      assert.equal(await outcome(TOKENS, 'editor', from(origin)), 'FOREIGN_ORIGIN', origin);
    }
  });
});

describe('a caller whom the control plane knows', () => {
  const session: AdminCaller = { name: 'ada', via: 'session', role: 'editor', workspaces: new Map() };
  const admission = () => admissionOf(TOKENS, '127.0.0.1', () => Promise.resolve(session));
  const change = (more: Record<string, string>) => ({
    method: 'POST',
    headers: { host: 'gw.example', cookie: 'x=y', ...more },
  });

  it('comes in as who that is', async () => {
    assert.equal(await outcomeAt(admission(), 'viewer', { headers: { host: 'gw.example' } }), 'in');
    assert.match(
      await outcomeAt(admission(), 'admin', { headers: { host: 'gw.example' } }),
      /^FORBIDDEN_ROLE/,
    );
  });

  it('changes something in a session from a page of ours only', async () => {
    const outcomeOf = (more: Record<string, string>) => outcomeAt(admission(), 'editor', change(more));
    assert.equal(await outcomeOf({ 'x-csrf-token': 'of the session' }), 'in');
    assert.equal(await outcomeOf({ 'x-csrf-token': '1' }), 'NOT_FROM_OUR_PAGE');
    assert.equal(await outcomeOf({}), 'NOT_FROM_OUR_PAGE');
  });
});

describe('who guesses', () => {
  it('is locked out for a minute, with right credentials too', async () => {
    const failures: CredentialFailure[] = [];
    const nobody = () => Promise.resolve(null);
    const admission = admissionOf(TOKENS, '127.0.0.1', nobody, (failure) => failures.push(failure));
    for (let i = 0; i < 20; i++)
      assert.match(
        await outcomeAt(admission, 'viewer', bearer(`guess ${i}`.replace(' ', ''))),
        /^UNAUTHORIZED/,
      );
    assert.equal(await outcomeAt(admission, 'viewer', bearer('v')), 'TOO_MANY_FAILURES');
    const locked = failures.map(({ isLockedNow }) => isLockedNow);
    assert.deepEqual(locked, [...Array.from({ length: 19 }, () => false), true]);
  });
});
