import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Identity } from '../../core/identity.ts';
import type { Clock } from '../../core/ports.ts';

/** Sessions of older clients, of which nothing is kept: all that there is to know stands in their id, which is signed. */
export interface Sessions {
  /** The id of a new session. */
  begin(version: string, identity: Identity | null): string;
  /** Whether an id is one of ours, of this caller, and not too old. */
  isOpen(id: string, identity: Identity | null): boolean;
}

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Makes the sessions of a route. Any thread and any gateway with the same key knows them. */
export function signedSessions(key: Uint8Array, route: string, clock: Clock): Sessions {
  function signature(text: string, identity: Identity | null): string {
    return createHmac('sha256', key)
      .update(JSON.stringify(['mcp-session', route, text, identity?.key ?? '']))
      .digest('base64url');
  }
  return {
    begin(version, identity) {
      const text = `${version}.${(clock.epoch() + LIFETIME_MS).toString(36)}`;
      return `${text}.${signature(text, identity)}`;
    },
    isOpen(id, identity) {
      const [, text = '', expiry = '', given = ''] =
        /^(\d{4}-\d\d-\d\d\.([0-9a-z]{1,10}))\.([\w-]{43})$/.exec(id) ?? [];
      const expected = signature(text, identity);
      const isOurs =
        given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
      return isOurs && Number.parseInt(expiry, 36) > clock.epoch();
    },
  };
}
