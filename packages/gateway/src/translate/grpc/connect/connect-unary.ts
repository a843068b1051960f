import type { ErrorCode } from '../../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../../core/exchange.ts';
import { refuse, type Particulars } from '../../../core/problem.ts';
import { askTranslated } from '../../../core/translated-call.ts';
import { frame } from '../frames.ts';
import { callFields } from '../grpc-call.ts';
import type { Codec, ConnectPlan, ConnectPorts, KnownMethod } from './connect-plan.ts';
import { bytesOfJson, jsonOfBytes } from './message-text.ts';
import { codecOfGet, codecOfPost, messageOfGet, messageOfPost } from './unary-request.ts';
import { UNKNOWN_YET } from '../unknown-yet.ts';
import { unaryReply } from './unary-reply.ts';

/** Why a request is not sent on. */
interface Obstacle {
  readonly code: ErrorCode;
  readonly particulars: Particulars;
}

/** What a request asks for. */
interface Asked {
  readonly codec: Codec;
  readonly method: KnownMethod;
}

/** Fields of a request that say nothing to a gRPC service, or that are said anew. */
const DROPPED: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connect-accept-encoding',
  'connect-content-encoding',
  'connect-protocol-version',
  'connect-timeout-ms',
  'content-encoding',
  'content-type',
  'grpc-accept-encoding',
  'grpc-encoding',
  'te',
]);

/**
 * Unary calls of Connect as calls of gRPC (Connect protocol, "Unary RPCs"). Request and reply are one message each, so they are
 * waited for, up to their limit: the status of HTTP is in the trailers of the service.
 */
export function connectUnary(
  plan: ConnectPlan,
  { schema, isAwaited }: ConnectPorts,
): (next: Handler) => Handler {
  function whatIsAsked(exchange: Exchange): Asked | Obstacle {
    const { method: httpMethod, headers, targetPath } = exchange;
    const isGet = httpMethod === 'GET';
    if (!isGet && httpMethod !== 'POST') return notAllowed('GET, POST', '');
    const version = headers.get('connect-protocol-version');
    if (version === undefined ? plan.requiresVersion && !isGet : version !== '1') return NO_VERSION;
    const known = schema();
    const method = known?.method(targetPath) ?? null;
    const codec = isGet ? codecOfGet(exchange) : codecOfPost(exchange);
    if (codec === null) return isGet ? NO_ENCODING : NO_TYPE;
    if (known !== null && method === null) return NO_METHOD;
    if (known === null && codec === 'json') return isAwaited() ? AWAITED : NO_JSON;
    if (method !== null && (method.clientStreaming || method.serverStreaming)) return STREAMING;
    return isGet && !mayGet(method) ? notAllowed('POST', WHY_NOT_GET) : { codec, method };
  }

  function mayGet(method: KnownMethod): boolean {
    return plan.get === 'any' || (plan.get === 'safe' && method?.idempotency === 'no-side-effects');
  }

  return (next) =>
    async (exchange): Promise<Reply> => {
      const asked = whatIsAsked(exchange);
      if ('code' in asked) return refuse(exchange, asked.code, asked.particulars);
      const { messageBytes } = plan;
      const read = exchange.method === 'GET' ? messageOfGet : messageOfPost;
      const message = await read(exchange, messageBytes);
      const call = {
        headers: callFields(exchange.headers, 'application/grpc+proto', DROPPED),
        body: frame(0, asCallMessage(message, asked)).toString('latin1'),
      };
      return unaryReply(exchange, await askTranslated(exchange, call, next), {
        type: `application/${asked.codec}`,
        messageBytes,
        write: (bytes) => asWritten(bytes, asked),
      });
    };
}

function asCallMessage(message: Buffer, { codec, method }: Asked): Uint8Array {
  return codec === 'proto' || method === null ? message : bytesOfJson(message, method.input);
}

function asWritten(message: Buffer, { codec, method }: Asked): Buffer {
  return codec === 'proto' || method === null ? message : jsonOfBytes(message, method.output);
}

function notAllowed(allow: string, detail: string): Obstacle {
  return {
    code: 'METHOD_NOT_ALLOWED',
    particulars: { fields: [['Allow', allow]], ...(detail !== '' && { detail }) },
  };
}

function notTaken(detail: string): Obstacle {
  return {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    particulars: { detail, fields: [['Accept-Post', 'application/proto, application/json']] },
  };
}

const WHY_NOT_GET = 'Only methods that are known to have no side effects are called by GET';
const NO_VERSION: Obstacle = {
  code: 'INVALID_REQUEST',
  particulars: { detail: 'Connect-Protocol-Version has to be 1' },
};
const NO_ENCODING: Obstacle = {
  code: 'UNSUPPORTED_MEDIA_TYPE',
  particulars: { detail: 'The encoding has to be proto or json' },
};
const NO_METHOD: Obstacle = {
  code: 'NO_ROUTE',
  particulars: { detail: 'The service has no such method' },
};
const NO_TYPE = notTaken('Messages are taken as application/proto or application/json');
const AWAITED: Obstacle = { code: 'NO_ENDPOINT', particulars: UNKNOWN_YET };
const NO_JSON: Obstacle = {
  code: 'UNSUPPORTED_MEDIA_TYPE',
  particulars: {
    detail: 'JSON needs the descriptors of the service, which are not known here: send application/proto',
    fields: [['Accept-Post', 'application/proto']],
  },
};
const STREAMING = notTaken('The method streams: it is called with application/connect+proto or +json');
