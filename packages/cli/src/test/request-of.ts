import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { GatewayConfig } from '@turnpike/config';
import type { TestCase, TestFile, TestStep } from '@turnpike/config/cases';
import { offlineKey, type Field, type OfflineGateway, type OfflineRequest } from '@turnpike/gateway/offline';
import { readRequest } from '../explain/request.ts';
import { UsageError } from '../exit-codes.ts';
import { compileRoutes, newMatch, openRouteTable } from '../gateway.ts';
import { fieldsOf } from './fields.ts';

/** Parts of a request, as a file, a case and a step give them. */
type Parts = TestFile['request'];

/** What requests are made from. */
export interface RequestMaker {
  /** The request of a step; `gateway` signs its token at the moment. */
  readonly make: (step: TestStep, gateway: OfflineGateway) => Promise<OfflineRequest>;
}

/** A step of which everything is said that its case and its file say for it. */
export function requestMaker(file: string, tests: TestFile, config: GatewayConfig): RequestMaker {
  const keySource = keySources(config);
  return {
    make: async (step, gateway) => {
      const parts = partsOf(step.request);
      const { token, as } = step;
      const merged = { ...tests.request, ...given(parts), headers: bothFields(tests.request, parts) };
      const base = plainRequest(merged, config);
      const clientCertificate = await certificateOf(file, merged.certificate);
      const bearer = token === null ? [] : [bearerOf(token, gateway)];
      const signed = { ...base, clientCertificate, headers: [...base.headers, ...bearer] };
      if (as === null) return signed;
      const { consumer, in: source } = typeof as === 'string' ? { consumer: as, in: null } : as;
      return withKey(signed, offlineKey(consumer), source ?? keySource(signed));
    },
  };
}

/** The parts of `GET /path`. */
export function partsOf(request: TestCase['request']): Partial<Parts> {
  if (request === null) return {};
  if (typeof request !== 'string') return request;
  const [, method = null, path = request] = /^([A-Z]+)\s+(\S.*)$/.exec(request) ?? [];
  return { method, path };
}

/** Without what was left out. */
function given(parts: Partial<Parts>): Partial<Parts> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null));
}

function bothFields(file: Parts, own: Partial<Parts>): Parts['headers'] {
  const names = new Set(Array.from(own.headers?.keys() ?? [], (name) => name.toLowerCase()));
  const others = [...file.headers].filter(([name]) => !names.has(name.toLowerCase()));
  return new Map([...others, ...(own.headers ?? [])]);
}

function plainRequest(parts: Parts, config: GatewayConfig): OfflineRequest {
  const { method, path, host, query, http, client, listener, headers } = parts;
  const body = bodyOf(parts);
  const fields = fieldsOf(headers);
  const hasType = fields.some(([name]) => name.toLowerCase() === 'content-type');
  const type: Field[] = parts.json === null || hasType ? [] : [['Content-Type', 'application/json']];
  return {
    method: method ?? (body.length > 0 ? 'POST' : 'GET'),
    target: withQuery(path ?? '/', query),
    authority: host ?? 'localhost',
    headers: [...type, ...fields],
    body,
    version: http ?? '1.1',
    listener: listener ?? config.listeners[0]?.id ?? '',
    peer: client ?? CLIENT,
    clientCertificate: null,
  };
}

/** Of the addresses that are for documentation (RFC 5737). */
const CLIENT = '203.0.113.9';

function bodyOf({ body, json, bytes }: Parts): Buffer {
  if (bytes !== null) return Buffer.alloc(bytes, 'x');
  return Buffer.from(body ?? (json === null ? '' : JSON.stringify(json)));
}

function withQuery(path: string, query: Parts['query']): string {
  if (query.size === 0) return path;
  return path + (path.includes('?') ? '&' : '?') + new URLSearchParams([...query]).toString();
}

function bearerOf(token: NonNullable<TestStep['token']>, gateway: OfflineGateway): Field {
  const { provider, claims, opaque, forged } =
    typeof token === 'string' ? { provider: token, claims: {}, opaque: false, forged: false } : token;
  const { providers } = gateway;
  const signed = opaque ? providers.opaqueToken(provider, claims) : providers.token(provider, claims);
  return ['Authorization', `Bearer ${forged ? spoilt(signed) : signed}`];
}

/** With another first character of its signature. */
function spoilt(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

/** Where a key is, and under which name. */
interface Place {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
}

function withKey(request: OfflineRequest, key: string, { in: where, name }: Place): OfflineRequest {
  if (where === 'query') {
    const separator = request.target.includes('?') ? '&' : '?';
    return { ...request, target: `${request.target}${separator}${encodeURIComponent(name)}=${key}` };
  }
  const field: Field = where === 'cookie' ? ['Cookie', `${name}=${key}`] : [name, key];
  return { ...request, headers: [...request.headers, field] };
}

const USUAL: Place = { in: 'header', name: 'x-api-key' };

/** Where the route of a request looks for keys first. */
function keySources(config: GatewayConfig): (request: OfflineRequest) => Place {
  const routes = config.routes.map(({ id, match }) => ({ id, ...match, payload: '' }));
  const table = openRouteTable(compileRoutes(routes).buffer);
  return ({ method, target, authority, headers, listener }) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}`);
    const described = { method, url: `http://${authority}${target}`, headers: lines, listener };
    try {
      const read = readRequest(described, config);
      if ('code' in read) return USUAL;
      const match = newMatch();
      table.match(read, match);
      return config.routes[match.route]?.policies.authenticate?.apiKeyFrom[0] ?? USUAL;
    } catch (error) {
      if (error instanceof UsageError) return USUAL;
      throw error;
    }
  };
}

async function certificateOf(file: string, certificate: string | null): Promise<Uint8Array | null> {
  if (certificate === null) return null;
  return new X509Certificate(await readFile(resolve(dirname(file), certificate))).raw;
}
