import { hash } from 'node:crypto';
import type { Exchange } from '../../../core/exchange.ts';
import { cookieText } from '../../../core/http/cookies.ts';
import { headerName, NOT_FORWARDED } from '../../../core/header-names.ts';
import { identityFields } from '../../../core/identity-fields.ts';
import type { Field } from './verdict.ts';

/** All that a decision point gets to know of a request. */
export interface Question {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly askedAtMs: number;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Host and port as the client wrote them. */
  readonly authority: string;
  /** Path and query. */
  readonly target: string;
  readonly version: '1.0' | '1.1' | '2';
  /** Address of the caller. */
  readonly client: string;
  /** Who is calling, or `''`. */
  readonly caller: string;
  /** Port of the listener. */
  readonly port: number;
  readonly route: string;
  readonly headers: readonly Field[];
}

/** Takes from an exchange what a decision point gets. */
export type Ask = (exchange: Exchange, askedAtMs: number) => Question;

const ALWAYS = ['authorization', 'cookie'];

/**
 * How questions of a route are made: `authorization`, `cookie` and the listed request headers, and where the request came
 * from as services for other proxies expect it, and who is calling in the fields that services get. The query is the one without credentials of ours.
 */
export function asking(route: string, requestHeaders: readonly string[]): Ask {
  const names = [...new Set([...ALWAYS, ...requestHeaders])].filter((name) => isPassedOn(name));
  return (exchange, askedAtMs) => {
    const { id, method, authority, version, client, arrival } = exchange;
    const target = exchange.path + exchange.targetQuery;
    const headers: Field[] = [];
    for (const name of names) {
      const { headers: sent } = exchange;
      const value = name === 'cookie' ? cookieText(sent) : sent.getList(name);
      if (value !== undefined) headers.push([name, value]);
    }
    const { identity } = exchange;
    const caller = identity === null ? null : identityFields(identity);
    for (const [name, value] of caller ?? []) headers.push([name.lower, value]);
    headers.push(
      ['x-forwarded-for', client.address],
      ['x-forwarded-proto', arrival.scheme],
      ['x-forwarded-host', authority],
      ['x-forwarded-uri', target],
      ['x-forwarded-method', method],
    );
    const { scheme, port } = arrival;
    return {
      id,
      askedAtMs,
      method,
      scheme,
      authority,
      target,
      version,
      client: client.address,
      caller: identity?.key ?? '',
      port,
      route,
      headers,
    };
  };
}

/** What the client says about connections, proxies and itself is not passed on; what we know stands there instead. */
function isPassedOn(name: string): boolean {
  return (headerName(name).flags & NOT_FORWARDED) === 0 && !/^x-forwarded-(uri|method)$/.test(name);
}

/**
 * Names a question among all questions: equal questions have equal keys, and other ones do not. Everything that the decision
 * point gets is in it but the id and the time, and who is calling, because a decision for one caller must never serve another.
 */
export function keyOf(question: Question, caller: string | null): string {
  const { method, scheme, authority, target, version, port, route, headers } = question;
  let text = `${method} ${scheme} ${version} ${port}\n${authority}\n${target}\n`;
  // The empty line ends the headers; who is calling comes last, because only that could have line ends in it.
  for (const [name, value] of headers) text += `${name}:${value}\n`;
  text += `\n${route}\n${caller === null ? '-' : `=${caller}`}`;
  return hash('sha256', text, 'base64');
}
