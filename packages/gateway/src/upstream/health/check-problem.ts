import { isOwnShortage } from '../../core/own-shortage.ts';

const MOST_CHARACTERS = 200;

/** It could not be asked, because of us: that says nothing of who should have been. */
export const OWN_SHORTAGE = 'this gateway has no file descriptor, port or memory left to ask';

/** What an error says, in a few words for a log. */
export function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, MOST_CHARACTERS);
  if (isOwnShortage(error)) return OWN_SHORTAGE;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (CODES[code] ?? (code || error.message)).slice(0, MOST_CHARACTERS);
}

const CODES: Readonly<Record<string, string>> = {
  ABORT_ERR: 'given up',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'no such name',
  ETIMEDOUT: 'no answer to the connection',
};
