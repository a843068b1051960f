import type { Claims, Identity, Json } from '../../core/identity.ts';
import { expiryMs } from './token-claims.ts';

const NOTHING = Object.freeze({});

/**
 * Who a token stands for, or null when it names nobody: `sub`, or the client where there is none, because then it was
 * issued to the client itself (RFC 9068 §2.2).
 */
export function tokenIdentity(provider: string, token: string, claims: Claims): Identity | null {
  const clientId = textOf(claims['azp']) || textOf(claims['client_id']) || textOf(claims['appid']);
  const subject = claims['sub'] === undefined ? clientId : textOf(claims['sub']);
  if (subject === '') return null;
  return {
    method: 'token',
    provider,
    subject,
    consumer: '',
    clientId,
    scopes: scopesOf(claims['scope'] ?? claims['scp']),
    claims,
    metadata: NOTHING,
    plan: '',
    key: `${provider}:${subject}`,
    token,
    expiresAtMs: expiryMs(claims),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A text with spaces between (RFC 8693 §4.2), or a list as some providers write it. */
function scopesOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '');
  return Array.isArray(value) ? value.filter((scope): scope is string => typeof scope === 'string') : [];
}
