import { kindOf, REFUSALS, type Made } from '@turnpike/sdk';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { refuse } from '../../core/problem.ts';
import { asBody } from './body-view.ts';
import { checkField } from './fields-view.ts';
import { checkedStatus } from './reply-view.ts';

/** A code that a plugin may give: what programs compare must not be a sentence. */
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Why the plugin answered by itself, for metrics and traces. */
export function reasonOf(made: Made): string {
  return kindOf(made) === 'reply' || !('code' in made) ? 'answered' : made.code;
}

/** What a plugin made, as a reply of the gateway. Throws a `TypeError` for what is none. */
export function replyOf(made: Made, exchange: Exchange, plugin: string): Reply {
  const fields = fieldsOf(made.headers);
  if (!('code' in made)) {
    const headers = new Headers();
    for (const [name, value] of fields) headers.append(name, value);
    const body = asBody(made.body, plugin);
    return { status: checkedStatus(made.status), headers, body, code: '', tunnel: null };
  }
  const { code } = made;
  const particulars = { fields, rule: `plugins.${plugin}`, ...detailOf(made.detail) };
  if (!('status' in made)) {
    if (!REFUSALS.includes(made.code)) throw new TypeError(`refuse() does not know the code ${code}`);
    return refuse(exchange, made.code, particulars);
  }
  const status = checkedStatus(made.status);
  if (status < 400) throw new TypeError(`a problem has a status from 400 on, not ${status}`);
  if (typeof code !== 'string' || !CODE.test(code))
    throw new TypeError('the code of a problem is made of capital letters, digits and _');
  return refuse(exchange, 'PLUGIN_REFUSED', { ...particulars, status, members: { code } });
}

function detailOf(detail: unknown): { detail?: string } {
  if (typeof detail !== 'string') throw new TypeError('the detail of a problem is text');
  return detail === '' ? {} : { detail };
}

function fieldsOf(headers: unknown): (readonly [string, string])[] {
  if (typeof headers !== 'object' || headers === null) throw new TypeError('header fields are an object');
  return Object.entries(headers).flatMap(([name, value]: [string, unknown]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one) => {
      checkField(name, one);
      return [name, one] as const;
    });
  });
}
