import type { Body } from '../../../core/body.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange } from '../../../core/exchange.ts';
import type { Binding } from './binding.ts';
import type { BodyType } from './body-type.ts';
import { ArraySplitter, lineSplitter, type SplitRules, type Splitter } from './json-splitter.ts';
import { encodeJson, rawMessageOf } from './request-message.ts';
import { requestStream, wholeStream, type StreamRules } from './request-stream.ts';

/** What the messages of a stream are made of. */
export interface CallStreamPlan {
  readonly binding: Binding;
  /** What the path and the query say, which holds for each message. */
  readonly fields: Uint8Array;
  readonly messageBytes: number;
  readonly type: BodyType;
}

/** The messages of a stream: the items of an array, lines, or pieces of bytes. */
export function messagesOf(exchange: Exchange, body: NonNullable<Body>, plan: CallStreamPlan): Body {
  const rules = plan.binding.body.kind === 'raw' ? rawRules(exchange, plan) : jsonRules(plan);
  return typeof body === 'string' ? wholeStream(body, rules) : requestStream(body, rules);
}

function jsonRules({ binding, fields, messageBytes, type }: CallStreamPlan): StreamRules {
  const open = (take: SplitRules['take']): Splitter => {
    const rules = { maxBytes: messageBytes, take };
    return type === 'lines' ? lineSplitter(rules) : new ArraySplitter(rules);
  };
  return { open, encode: (bytes) => encodeJson(binding, bytes, fields) };
}

/** What comes at once is a message; the first has the media type of all. */
function rawRules(exchange: Exchange, { binding, fields, messageBytes }: CallStreamPlan): StreamRules {
  let contentType = exchange.headers.get('content-type') ?? '';
  return {
    open: (take) => ({ feed: take, end: () => {} }),
    encode(data) {
      if (data.length > messageBytes)
        throw new GatewayError('BODY_TOO_LARGE', 'a piece of a body is too large');
      const message = rawMessageOf(binding, { contentType, data }, fields);
      contentType = '';
      return message;
    },
  };
}
