import { UNKNOWN_LENGTH, type Body, type BodySource } from '../../core/body.ts';
import { BodyOfReads, CollectedBody } from '../../core/body-testing.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { GrpcSchema } from '../../core/grpc-schema.ts';
import { Headers, headersOf } from '../../core/headers.ts';
import { refuse } from '../../core/problem.ts';
import type { ConnectPlan } from './connect/connect-plan.ts';
import { webClients } from './web-clients.ts';

type Fields = readonly (readonly [name: string, value: string])[];

/** A request of a client. */
export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers: Fields;
  readonly body?: Body;
}

/** What the service got. */
export interface Got {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Whether it came as a text, which may be sent twice. */
  readonly isWhole: boolean;
}

/** What the client got. */
export interface Answered {
  readonly exchange: Exchange;
  readonly reply: Reply;
  readonly body: Buffer;
  /** How the body ended. */
  readonly ended: 'end' | GatewayError;
  readonly got: Got | null;
}

const PLAN: ConnectPlan = { messageBytes: 64, requiresVersion: false, get: 'safe' };

/** For tests: the stage before a service that answers in gRPC. */
export function rig(plan: Partial<ConnectPlan> = {}, schema: GrpcSchema | null = null) {
  const stage = webClients({ ...PLAN, ...plan }, { schema: () => schema, isAwaited: () => false });

  async function ask(
    request: Ask,
    answer: (exchange: Exchange) => Reply | Promise<Reply>,
  ): Promise<Answered> {
    const exchange = exchangeOf(request);
    let got: Got | null = null;
    const service: Handler = async (call) => {
      got = await gotOf(call);
      return answer(call);
    };
    const before = { ...fieldsOf(exchange) };
    const reply = await stage(service)(exchange).catch((error: unknown) => {
      if (error instanceof GatewayError) return refuse(exchange, error.code, { detail: error.detail });
      throw error;
    });
    const after = fieldsOf(exchange);
    if (before.headers !== after.headers || before.target !== after.target)
      throw new Error('the exchange is not as the client sent it');
    return { exchange, reply, got, ...(await read(reply.body)) };
  }

  return { ask, stage };
}

/** An exchange of a client. */
export function exchangeOf({
  method = 'POST',
  path = '/t.v1.Echo/Say',
  query = '',
  headers,
  body = null,
}: Ask): Exchange {
  return exchangeFrom({ method, path, query, headers: headersOf(...headers), body });
}

/** Reads a body to its end. */
export async function read(body: Body): Promise<{ body: Buffer; ended: 'end' | GatewayError }> {
  if (body === null || typeof body === 'string')
    return { body: Buffer.from(body ?? '', 'latin1'), ended: 'end' };
  const collected = new CollectedBody();
  body.readTo(collected);
  const ended = await collected.ended;
  return { body: collected.bytes, ended };
}

/** Messages of a service, in reads of their own, and its trailers. */
export function messages(trailers: Fields, ...reads: readonly Buffer[]): Reply {
  return grpcReply([], trailed(new BodyOfReads(...reads.map((bytes) => [bytes])), headersOf(...trailers)));
}

/** A reply of a service. */
export function grpcReply(fields: Fields, body: Body): Reply {
  const headers = headersOf(['Content-Type', 'application/grpc+proto'], ...fields);
  return { status: 200, headers, body, code: '', tunnel: null };
}

/** The same body, which ends with trailers. */
export function trailed(source: BodySource, trailers: Headers): BodySource {
  return {
    length: UNKNOWN_LENGTH,
    readTo(sink) {
      source.readTo({
        write: (chunk) => sink.write(chunk),
        flush: () => sink.flush(),
        end: () => sink.end(trailers),
        fail: (error) => sink.fail(error),
      });
    },
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

/** Fields as an object, without those of the status of HTTP. */
export function object({ names, values }: Headers): Record<string, string> {
  return Object.fromEntries(names.map(({ lower }, i) => [lower, values[i] ?? '']));
}

async function gotOf(call: Exchange): Promise<Got> {
  const { body, ended } = await read(call.body);
  if (ended !== 'end') throw ended;
  return {
    method: call.targetMethod,
    target: call.targetPath + call.targetQuery,
    headers: call.headers,
    body,
    isWhole: call.body === null || typeof call.body === 'string',
  };
}

function fieldsOf({ headers, targetMethod, targetPath, targetQuery }: Exchange) {
  return { headers, target: `${targetMethod} ${targetPath}${targetQuery}` };
}
