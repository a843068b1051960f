import { once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import {
  create,
  createFileRegistry,
  fromJson,
  toBinary,
  type DescMessage,
  type DescMethod,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { DurationSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';

// A service for tests, whose schema is written here: no code is generated for it.

const line = '.talk.v1.Line';
const field = (name: string, number: number, type: string) => ({
  name,
  jsonName: name,
  number,
  type,
  label: 'LABEL_OPTIONAL',
});

const set = fromJson(FileDescriptorSetSchema, {
  file: [
    {
      name: 'talk/v1/talk.proto',
      package: 'talk.v1',
      syntax: 'proto3',
      messageType: [
        { name: 'Line', field: [field('text', 1, 'TYPE_STRING'), field('count', 2, 'TYPE_INT32')] },
      ],
      service: [
        {
          name: 'Talk',
          method: [
            {
              name: 'Say',
              inputType: line,
              outputType: line,
              options: { idempotencyLevel: 'NO_SIDE_EFFECTS' },
            },
            { name: 'Tell', inputType: line, outputType: line },
            { name: 'Repeat', inputType: line, outputType: line, serverStreaming: true },
            { name: 'Gather', inputType: line, outputType: line, clientStreaming: true },
            { name: 'Chat', inputType: line, outputType: line, clientStreaming: true, serverStreaming: true },
          ],
        },
      ],
    },
  ],
});

const registry = createFileRegistry(set);
const service = registry.getService('talk.v1.Talk');
const message = registry.getMessage('talk.v1.Line');
if (service === undefined || message === undefined) throw new Error('the schema is not whole');
const Talk = service;
const Line = message;

/** The descriptors, as a gateway reads them. */
export const DESCRIPTORS = toBinary(FileDescriptorSetSchema, set);

/** One message of the service. */
export interface Words {
  readonly text: string;
  readonly count: number;
}

/** A message. */
export function lineOf(text: string, count = 0): MessageInitShape<DescMessage> {
  return create(Line, { text, count });
}

/** What a message says. */
export function wordsOf(one: Message): Words {
  const at = reflect(Line, one);
  const [text, count] = Line.fields.map((known) => at.get(known));
  return { text: String(text), count: Number(count) };
}

/** A method, by its name. */
export function method<K extends DescMethod['methodKind']>(
  name: string,
  kind: K,
): DescMethod & { methodKind: K } {
  const found = Talk.methods.find((one) => one.name === name);
  if (found?.methodKind !== kind) throw new Error(`${name} is not ${kind}`);
  return found as DescMethod & { methodKind: K };
}

/** The service as it runs. */
export interface TalkService extends AsyncDisposable {
  readonly port: number;
  /** Resolves when the next call has come. */
  whenCalled(): Promise<string>;
  /** Resolves when the next call is given up. */
  whenAbandoned(): Promise<string>;
  /** The fields of the last call. */
  lastFields(): Headers;
}

/** Starts it: gRPC, and nothing else, over HTTP/2 without TLS. */
export async function startTalkService(): Promise<TalkService> {
  const waiting: ((name: string) => void)[] = [];
  const expecting: ((name: string) => void)[] = [];
  let last = new Headers();
  const seen = (name: string, context: HandlerContext): void => {
    last = context.requestHeader;
    for (const resolve of expecting.splice(0)) resolve(name);
    context.signal.addEventListener('abort', () => {
      if (context.signal.reason === undefined) return;
      for (const resolve of waiting.splice(0)) resolve(name);
    });
  };
  const server = createServer(
    connectNodeAdapter({ routes: (router) => talk(router, seen), connect: false, grpcWeb: false }),
  );
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    whenCalled: () => new Promise((resolve) => expecting.push(resolve)),
    whenAbandoned: () => new Promise((resolve) => waiting.push(resolve)),
    lastFields: () => last,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Seen = (name: string, context: HandlerContext) => void;

function talk(router: ConnectRouter, seen: Seen): void {
  const say = (name: string) => (one: Message, context: HandlerContext) => {
    seen(name, context);
    return answer(wordsOf(one), context);
  };
  router.rpc(method('Say', 'unary'), say('Say'));
  router.rpc(method('Tell', 'unary'), say('Tell'));
  router.rpc(method('Repeat', 'server_streaming'), async function* (one: Message, context: HandlerContext) {
    seen('Repeat', context);
    const { text, count } = wordsOf(one);
    context.responseTrailer.set('cost', String(count));
    for (let i = 1; i <= count; i++) yield lineOf(text, i);
    if (text === 'forever') await untilAbandoned(context);
    if (text === 'fail') throw failure('not_found');
  });
  router.rpc(
    method('Gather', 'client_streaming'),
    async (lines: AsyncIterable<Message>, context: HandlerContext) => {
      seen('Gather', context);
      const texts: string[] = [];
      for await (const one of lines) texts.push(wordsOf(one).text);
      return lineOf(texts.join(' '), texts.length);
    },
  );
  router.rpc(
    method('Chat', 'bidi_streaming'),
    async function* (lines: AsyncIterable<Message>, context: HandlerContext) {
      seen('Chat', context);
      for await (const one of lines) yield lineOf(`${wordsOf(one).text}?`, 1);
    },
  );
}

async function answer({ text, count }: Words, context: HandlerContext) {
  context.responseHeader.set('greeting', 'hello');
  if (text.startsWith('fail:')) throw failure(text.slice(5));
  context.responseTrailer.set('cost', '7');
  if (text === 'forever') await untilAbandoned(context);
  return lineOf(text === 'large' ? 'x'.repeat(count) : `${text}!`, count);
}

/** Answers only that nobody waits any more. */
async function untilAbandoned({ signal }: HandlerContext): Promise<void> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  throw signal.reason;
}

function failure(code: string): ConnectError {
  const number = Object.values(Code).find(
    (one) => typeof one === 'number' && Code[one]?.toLowerCase() === code.replaceAll('_', ''),
  );
  const detail = { desc: DurationSchema, value: { seconds: 7n } };
  return new ConnectError('né', Number(number), { cost: '9' }, [detail]);
}
