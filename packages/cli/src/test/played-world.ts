import type { TestAnswer, TestFile } from '@turnpike/config/cases';
import type { OfflineWorld, ServiceAnswer, UpstreamRequest } from '@turnpike/gateway/offline';
import { fieldsOf } from './fields.ts';

/** What services answer, as one part of a file says it. */
export type Answers = TestFile['services'];

/** What one part of a file says of services, and how often each of its answers was given. */
interface Script {
  readonly answers: Answers;
  readonly given: Map<string, number>;
}

/** Services that do as a file of tests says: the step first, then the case, then the file; who is not named there echoes. */
export class PlayedWorld implements OfflineWorld {
  #services: readonly Script[] = [];
  #authorizers: readonly Script[] = [];

  /** From now on these hold, the first before the others. What they gave before is given anew. */
  begin(services: readonly Answers[], authorizers: readonly Answers[]): void {
    this.#services = services.map(scriptOf);
    this.#authorizers = authorizers.map(scriptOf);
  }

  /** A step puts something before what holds, until the next one. */
  beginStep(services: Answers, authorizers: Answers): void {
    this.#services = [scriptOf(services), ...this.#services.slice(-2)];
    this.#authorizers = [scriptOf(authorizers), ...this.#authorizers.slice(-2)];
  }

  readonly service: OfflineWorld['service'] = (request) => {
    const answer = nextOf(this.#services, request.service);
    return answer === null ? echo(request) : answerOf(answer, request);
  };

  readonly authorizer: OfflineWorld['authorizer'] = ({ url }) => {
    const answer = nextOf(this.#authorizers, url);
    return answer === null ? ALLOWED : answerOf(answer, null);
  };
}

function scriptOf(answers: Answers): Script {
  return { answers, given: new Map() };
}

function nextOf(scripts: readonly Script[], name: string): TestAnswer | null {
  const script = scripts.find(({ answers }) => answers.has(name));
  const entry = script?.answers.get(name);
  if (script === undefined || entry === undefined) return null;
  if (!isList(entry)) return entry;
  const given = script.given.get(name) ?? 0;
  script.given.set(name, given + 1);
  return entry[Math.min(given, entry.length - 1)] ?? null;
}

function isList(entry: TestAnswer | readonly TestAnswer[]): entry is readonly TestAnswer[] {
  return Array.isArray(entry);
}

function answerOf(answer: TestAnswer, request: UpstreamRequest | null): ServiceAnswer {
  const { status, headers, body, json, delay, fails } = answer;
  if (fails !== null) return { kind: 'fails', how: fails };
  const fields = fieldsOf(headers);
  const hasType = fields.some(([name]) => name.toLowerCase() === 'content-type');
  const type = json === null ? [] : ([['Content-Type', 'application/json']] as const);
  const says = body ?? (json === null ? null : JSON.stringify(json));
  if (says === null && request !== null && isGrpc(request)) return grpcAnswer(fields);
  return {
    kind: 'replies',
    status,
    headers: hasType ? fields : [...type, ...fields],
    body: Buffer.from(says ?? ''),
    trailers: null,
    delayMs: delay ?? 0,
  };
}

const ALLOWED = {
  kind: 'replies',
  status: 200,
  headers: [],
  body: Buffer.alloc(0),
  trailers: null,
  delayMs: 0,
} as const satisfies ServiceAnswer;

/** Says what it got. */
function echo(request: UpstreamRequest): ServiceAnswer {
  if (isGrpc(request)) return grpcAnswer([]);
  const { service, method, target, authority, headers, body } = request;
  const said = {
    service,
    method,
    target,
    host: authority,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: body.toString(),
  };
  return {
    ...ALLOWED,
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from(JSON.stringify(said)),
  };
}

function isGrpc({ headers }: UpstreamRequest): boolean {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return /^application\/grpc(?![-]web)/.test(type);
}

/** A message in which every field has its default, and a status: 0, or the one among the fields. */
function grpcAnswer(fields: readonly (readonly [string, string])[]): ServiceAnswer {
  const status = fields.find(([name]) => name.toLowerCase() === 'grpc-status')?.[1] ?? '0';
  return {
    ...ALLOWED,
    headers: [['Content-Type', 'application/grpc'], ...fields.filter(([name]) => !/^grpc-/i.test(name))],
    body: status === '0' ? Buffer.alloc(5) : Buffer.alloc(0),
    trailers: [['grpc-status', status]],
  };
}
