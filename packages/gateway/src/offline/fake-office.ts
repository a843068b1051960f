import { readFile } from 'node:fs/promises';
import type { AddressListConfig, GatewayConfig } from '@turnpike/config';
import { compileAddresses } from '../core/addresses/compile-addresses.ts';
import type { AccessToken, AddressNews, Desk, Errand, News } from '../core/desk.ts';
import { GatewayError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import { keyOfPem, newSigningKey } from '../identity/signing/signing-key.ts';
import { readList } from '../lists/read-list.ts';
import type { FakeProviders } from './fake-providers.ts';

/** How long tokens for services are good. */
const TOKEN_MS = 3_600_000;

/** What a supervisor would have learned: keys of providers that are played, keys of our own, and what is in lists. */
export async function officeNews(config: GatewayConfig, providers: FakeProviders): Promise<readonly News[]> {
  const { signingKey } = config.runtime;
  const key = signingKey === null ? await newSigningKey() : keyOfPem(signingKey);
  return [
    ...providers.news,
    ...(await Promise.all(config.lists.map(addressNews))),
    { topic: 'signing-key', id: '', key, retired: [] },
    { topic: 'sticky-key', id: '', key: new Uint8Array(32) },
  ];
}

/** A list that is fetched from a URL, or whose file is not there, is as before it was read for the first time. */
async function addressNews(list: AddressListConfig): Promise<AddressNews> {
  return { topic: 'addresses', id: list.id, table: await tableOf(list) };
}

async function tableOf(list: AddressListConfig): Promise<SharedArrayBuffer | null> {
  if (list.kind === 'url') return null;
  if (list.kind === 'addresses') return compileAddresses(list.addresses);
  const text = await readIfPossible(list.path);
  if (text === null) return null;
  const read = readList(text);
  if (read.kind === 'broken') throw new Error(`${list.path}: the list ${read.problem}`);
  return read.kind === 'empty' ? compileAddresses([]) : read.addresses.compile();
}

async function readIfPossible(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // a gateway starts without it, too
  }
}

/** Runs the errands of a gateway that has no supervisor: providers that are played answer them. */
export function fakeDesk(providers: FakeProviders, clock: Clock): Desk {
  const documents = new Map<string, string>();
  const tokenOf = (what: string): AccessToken => ({ token: what, expiresAtMs: clock.epoch() + TOKEN_MS });

  const run = (errand: Errand): unknown => {
    switch (errand.kind) {
      case 'introspect':
        return providers.introspect(errand.token);
      case 'client-credentials':
        return tokenOf(serviceToken('client-credentials', errand));
      case 'exchange-token':
        return tokenOf(serviceToken('exchanged', errand));
      case 'register-document':
        documents.set(errand.sha256, errand.text);
        return null;
      case 'find-document':
        return documents.get(errand.sha256) ?? null;
      case 'redeem-code':
      case 'refresh-tokens':
        throw new GatewayError('IDENTITY_UNAVAILABLE', 'nobody logs in offline');
      case 'end-sessions':
      case 'export-telemetry':
      case 'hand-tapped':
      case 'keep-trace':
      case 'refresh-descriptors':
      case 'refresh-endpoints':
      case 'refresh-keys':
        return null;
      default:
        return errand satisfies never;
    }
  };
  return { run: async (kind, asks) => run({ kind, ...asks } as Errand) as never };
}

/** Says what was asked for, so that a test can tell: `client-credentials.corporate.users`. */
function serviceToken(
  grant: string,
  { provider, scopes, audience }: { provider: string; scopes: readonly string[]; audience: string | null },
): string {
  return [grant, provider, ...scopes, ...(audience === null ? [] : [audience])]
    .join('.')
    .replaceAll(/[^\x21-\x7e]/g, '-');
}
