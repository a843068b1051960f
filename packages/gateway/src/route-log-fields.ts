import type { AccessLogConfig, LogFieldConfig } from '@turnpike/config';
import type {
  compileLogField,
  Facts,
  Lookup,
  RequestFacts,
  ResponseFacts,
} from '@turnpike/config/expression';
import type { Exchange } from './core/exchange.ts';
import type { Clock } from './core/ports.ts';
import { requestTemplate } from './core/request-template.ts';
import type { FieldValue, OwnField, OwnFieldsOf } from './observe/own-fields.ts';
import { ExchangeFacts, type RouteFacts } from './stages/authorize/request-facts.ts';

/** What stands in place of a value that no log shows. */
const REDACTED = '[redacted]';

/** What the fields of a log are made with. */
export interface LogFieldPorts {
  readonly compileLogField: typeof compileLogField;
  readonly clock: Clock;
  /** Names of the parameters in the path of a route, in the order of their values. */
  readonly pathNames: (route: string) => readonly string[];
}

/**
 * The fields that a log adds, ready for the exchanges of each route: made when the first of a route ends, because a thread meets
 * few of many. Null: it adds none.
 */
export function logFields({ fields, redact }: AccessLogConfig, ports: LogFieldPorts): OwnFieldsOf | null {
  if (fields.length === 0) return null;
  const secret = new Set(redact);
  const ready = new Map<string, ReadyFields>();
  return (route) => {
    const names = ports.pathNames(route);
    const known = ready.get(route);
    if (known?.names === names) return known.own;
    const plan: FieldPlan = { route, names, secret };
    const own = fields.map((field) => ({ name: field.name, read: safely(reader(field, plan, ports)) }));
    ready.set(route, { names, own });
    return own;
  };
}

/** The fields for a route whose path has these parameters: after a reload it may have others. */
interface ReadyFields {
  readonly names: readonly string[];
  readonly own: readonly OwnField[];
}

interface FieldPlan extends RouteFacts {
  readonly secret: ReadonlySet<string>;
}

type Read = OwnField['read'];

function reader({ source }: LogFieldConfig, plan: FieldPlan, ports: LogFieldPorts): Read {
  if (source.kind === 'template') return templateReader(source.text, plan);
  const { evaluate } = ports.compileLogField(source.rule);
  return (exchange) => evaluate(loggedFacts(exchange, plan, ports.clock));
}

/** A parameter that the path of this route does not have is null, as it is where no route matched. */
function templateReader(text: string, plan: FieldPlan): Read {
  if (placeholders(text).some(({ kind, name }) => isSecret(kind, name, plan.secret))) return () => REDACTED;
  const isOfOtherRoutes = placeholders(text).some(
    ({ kind, name }) => kind === 'path' && !plan.names.includes(name),
  );
  return isOfOtherRoutes ? () => null : requestTemplate(text, plan);
}

function placeholders(text: string): { readonly kind: string; readonly name: string }[] {
  return Array.from(text.matchAll(/\{(\w+)\.([^{}]+)\}/g), ([, kind = '', name = '']) => ({ kind, name }));
}

/** Cookies are one field, and which of them are secret nobody can tell. */
function isSecret(kind: string, name: string, secret: ReadonlySet<string>): boolean {
  if (kind === 'cookie') return true;
  return (kind === 'header' || kind === 'query') && secret.has(name.toLowerCase());
}

/** A line is written whatever one field of it does. */
function safely(read: Read): Read {
  return (exchange): FieldValue => {
    try {
      return read(exchange);
    } catch {
      return null; // a field that cannot be read is not worth a line
    }
  };
}

/** An exchange that is over as expressions see it: with its response, and without what no log shows. */
function loggedFacts(exchange: Exchange, plan: FieldPlan, clock: Clock): Facts {
  const facts = new ExchangeFacts(exchange, plan, clock);
  const { identity, route, now } = facts;
  return {
    request: loggedRequest(facts, plan.secret),
    identity,
    route,
    now,
    response: responseOf(exchange, plan.secret),
  };
}

function loggedRequest(facts: ExchangeFacts, secret: ReadonlySet<string>): RequestFacts {
  const { id, method, path, host, scheme, client, listener } = facts;
  return {
    id,
    method,
    path,
    host,
    scheme,
    client,
    listener,
    get certificate() {
      return facts.certificate;
    },
    get graphql() {
      return facts.graphql;
    },
    get params() {
      return facts.params;
    },
    get headers() {
      return withoutSecrets(facts.headers, secret);
    },
    get query() {
      return withoutSecrets(facts.query, secret);
    },
  };
}

function responseOf({ record, reply }: Exchange, secret: ReadonlySet<string>): ResponseFacts {
  const headers = reply?.headers;
  const lookup: Lookup = {
    get: (name) => headers?.getList(name),
    names: () => [...new Set(headers?.names.map(({ lower }) => lower))],
  };
  return { status: record.status, headers: withoutSecrets(lookup, secret) };
}

function withoutSecrets(lookup: Lookup, secret: ReadonlySet<string>): Lookup {
  return {
    get: (name) => {
      const value = lookup.get(name);
      return value !== undefined && secret.has(name.toLowerCase()) ? REDACTED : value;
    },
    names: () => lookup.names(),
  };
}
