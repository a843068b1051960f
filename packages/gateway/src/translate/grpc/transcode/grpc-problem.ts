import type { Reply } from '../../../core/exchange.ts';
import { GRPC_CODES, HTTP_STATUS_OF_GRPC, type GrpcStatus } from '../../../core/grpc-status.ts';
import type { Headers } from '../../../core/headers.ts';
import type { Json } from '../../../core/identity.ts';
import { serviceProblem } from '../../../core/problem.ts';
import { statusDetails, typeNameOf, type JsonObject } from './status-details.ts';

const TYPE_BASE = 'https://google.rpc/';

/** The reply to a call that failed at the service: its `google.rpc.Status` as a problem (RFC 9457). */
export function grpcProblem(id: string, status: GrpcStatus, headers: Headers): Reply {
  const name = codeName(status);
  const details = status.details === null ? [] : statusDetails(status.details);
  const told = new Details(details);
  const retryAfter = told.retryAfterSeconds();
  if (retryAfter !== null) headers.set('Retry-After', String(retryAfter));
  const members = {
    code: name,
    ...told.errorInfo(),
    ...told.list('errors', 'BadRequest', 'fieldViolations', fieldError),
    ...(retryAfter !== null && { retryAfter }),
    ...told.list('violations', 'QuotaFailure', 'violations'),
    ...told.list('violations', 'PreconditionFailure', 'violations'),
    ...told.whole('resource', 'ResourceInfo'),
    ...told.list('help', 'Help', 'links'),
    ...(details.length > 0 && { details }),
  };
  return serviceProblem(id, {
    status: HTTP_STATUS_OF_GRPC[status.code] ?? 500,
    type: told.type() ?? TYPE_BASE + name,
    title: titleOf(name),
    detail: told.localized() ?? status.message,
    members,
    headers,
  });
}

/** A failure in the midst of a stream: a `google.rpc.Status` in JSON. */
export function grpcErrorJson(status: GrpcStatus): string {
  const details = status.details === null ? [] : statusDetails(status.details);
  return JSON.stringify({
    code: status.code,
    status: codeName(status),
    message: status.message,
    ...(details.length > 0 && { details }),
  });
}

function codeName({ code }: GrpcStatus): string {
  return GRPC_CODES[code] ?? 'UNKNOWN';
}

/** `NOT_FOUND` as people say it. */
function titleOf(name: string): string {
  const words = name.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the details of a failure say, where it belongs in a problem. */
class Details {
  readonly #details: readonly JsonObject[];

  constructor(details: readonly JsonObject[]) {
    this.#details = details;
  }

  /** The type of a problem that its domain has named. */
  type(): string | null {
    const { reason, domain } = this.#find('ErrorInfo') ?? {};
    if (typeof reason !== 'string' || typeof domain !== 'string') return null;
    return /^[\w.-]+$/.test(domain) && /^\w+$/.test(reason) ? `https://${domain}/${reason}` : null;
  }

  errorInfo(): JsonObject {
    const { '@type': _, ...said } = this.#find('ErrorInfo') ?? {};
    return said;
  }

  localized(): string | null {
    const message = this.#find('LocalizedMessage')?.['message'];
    return typeof message === 'string' && message !== '' ? message : null;
  }

  /** In whole seconds, rounded up, as `Retry-After` has them. */
  retryAfterSeconds(): number | null {
    const delay = this.#find('RetryInfo')?.['retryDelay'];
    const seconds = typeof delay === 'string' ? Math.ceil(Number.parseFloat(delay)) : NaN;
    return seconds >= 0 ? seconds : null;
  }

  whole(member: string, type: string): JsonObject {
    const found = this.#find(type);
    if (found === undefined) return {};
    const { '@type': _, ...said } = found;
    return { [member]: said };
  }

  list(member: string, type: string, name: string, each: (item: Json) => Json = (item) => item): JsonObject {
    const items = this.#find(type)?.[name];
    return Array.isArray(items) ? { [member]: items.map((item: Json) => each(item)) } : {};
  }

  #find(type: string): JsonObject | undefined {
    return this.#details.find((detail) => typeNameOf(detail) === `google.rpc.${type}`);
  }
}

/** A violation of a field as problems have it, with a pointer into the body: `books[0].name` is `#/books/0/name`. */
function fieldError(item: Json): Json {
  const { field = '', description = '', reason } = item as Readonly<Record<string, string | undefined>>;
  const pointer = `#${encodeURI(`/${field.replaceAll(/[.[]/g, '/').replaceAll(']', '')}`)}`;
  return {
    detail: description,
    field,
    pointer: field === '' ? '#' : pointer,
    ...(reason !== undefined && { reason }),
  };
}
