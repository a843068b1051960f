import type { Caller } from './domain/callers.ts';
import type { Clock, Log } from './domain/ports.ts';
import type { Store } from './domain/store.ts';

/** What a log of sign-ins works with. */
export interface SignInPorts {
  /** null: there is no store yet. */
  readonly audit: () => Store['audit'] | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who came in, or did not, as the audit log has it. */
export interface SignIn {
  readonly action: 'login.done' | 'login.failed' | 'login.blocked' | 'token.use';
  /** null: nobody knows. */
  readonly caller: Caller | null;
  readonly address: string;
  /** Whose, or where: a provider, the id of a token. */
  readonly target: string;
  readonly detail: string;
}

/** Writes down who comes in, or tries to. */
export interface SignIns {
  add(signIn: SignIn): void;
  /** A token of the database was used. */
  tokenUsed(token: { readonly id: string; readonly caller: Caller }, address: string): void;
}

/** Anybody may try as often as they like: so many lines in a minute, and one that says how many more there were. */
const MOST_FAILURES = 60;
const WINDOW_MS = 60_000;
/** Tokens and addresses that are remembered; the oldest are forgotten first. */
const MOST_USES = 10_000;

/**
 * The part of the audit log that tells of sign-ins: who came in, who did not, and which address is not listened to any more. A token is
 * told of when it comes from an address for the first time since this gateway has started: where a token is used from is what tells
 * that it was stolen. All of it is in the program log too.
 */
export function signInLog({ audit, clock, log }: SignInPorts): SignIns {
  const used = new Set<string>();
  let window = { endsAt: 0, count: 0 };

  /** How many were left out before this one; null: this one is left out. */
  function leftOut(): number | null {
    const now = clock.epoch();
    const { endsAt, count } = window;
    const isOver = endsAt <= now;
    window = isOver ? { endsAt: now + WINDOW_MS, count: 1 } : { endsAt, count: count + 1 };
    if (isOver) return Math.max(0, count - MOST_FAILURES);
    return window.count > MOST_FAILURES ? null : 0;
  }

  function write({ action, caller, address, target, detail }: SignIn, author: string): void {
    const outcome = action === 'login.done' || action === 'token.use' ? 'done' : 'refused';
    const about = { at: clock.epoch(), author, address, action, target, detail, outcome } as const;
    log.info(MESSAGES[action], { caller: author, address, target, detail });
    const workspace =
      caller?.role === null && caller.workspaces.size === 1 ? [...caller.workspaces.keys()][0] : null;
    audit()
      ?.add({ ...about, workspace: workspace ?? null, revision: null })
      .catch((error: unknown) => log.warn('the audit log could not be written', { ...about, error }));
  }

  function add(signIn: SignIn): void {
    if (signIn.caller !== null) return write(signIn, signIn.caller.name);
    const more = leftOut();
    if (more === null) return;
    const detail =
      more === 0 ? signIn.detail : `${signIn.detail}; ${more} more in the minutes before are not told`;
    write({ ...signIn, detail }, '');
  }

  return {
    add,
    tokenUsed({ id, caller }, address) {
      const use = `${id} ${address}`;
      if (used.has(use)) return;
      used.add(use);
      const [oldest] = used;
      if (used.size > MOST_USES && oldest !== undefined) used.delete(oldest);
      add({
        action: 'token.use',
        caller,
        address,
        target: id,
        detail: 'from this address for the first time',
      });
    },
  };
}

const MESSAGES = {
  'login.done': 'somebody signed in to the admin API',
  'login.failed': 'somebody could not sign in to the admin API',
  'login.blocked': 'an address is not listened to for a minute',
  'token.use': 'a token of the admin API is used from another address',
} as const satisfies Record<SignIn['action'], string>;
