import type { Exchange } from '../../core/exchange.ts';
import type { GrpcMethod, GrpcSchema } from '../../core/grpc-schema.ts';
import { headersOf } from '../../core/headers.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import { bodyText } from '../../core/mcp/rpc-reply.ts';
import { exactArguments } from './exact-json.ts';
import type { ToolResult } from './results.ts';
import { askService, type ServicePorts } from './service-call.ts';
import { askForMessages, EVENTS } from './stream-call.ts';
import type { ToldMessages } from './told-messages.ts';
import type { OwnTool, ToolCall } from './tool.ts';

/** Which methods, and what their tools are called. */
export interface GrpcToolPlan {
  /** Whether a method is wanted, by `package.Service/Method`. */
  readonly isChosen: (method: string) => boolean;
  readonly prefix: string;
  readonly resultBytes: number;
  /** Hears of methods that become no tool, and why. */
  readonly leftOut: (method: string, why: string) => void;
}

/** A tool may describe itself in no more; models pay for every word. */
const MAX_SCHEMA_BYTES = 32 * 1024;
const MAX_TOOLS = 2000;
/** Its JSON would be the media itself, which arguments cannot be. */
const MEDIA = 'google.api.HttpBody';

const ANNOTATIONS = {
  unknown: {},
  'no-side-effects': { readOnlyHint: true },
  idempotent: { idempotentHint: true },
} as const;

/** The methods of a gRPC service as tools, but for those to which a stream is sent: arguments are one message. */
export function grpcTools(schema: GrpcSchema, plan: GrpcToolPlan, ports: ServicePorts): OwnTool[] {
  const wanted = schema.methods
    .filter(({ clientStreaming }) => !clientStreaming)
    .filter((method) => plan.isChosen(wholeName(method)));
  const names = namesOf(wanted);
  const described = wanted.slice(0, MAX_TOOLS).flatMap((method): OwnTool[] => {
    const inputSchema = method.input.jsonSchema();
    const name = plan.prefix + (names.get(method) ?? '');
    const why = reasonAgainst(method, name, inputSchema);
    if (why === null && isRecord(inputSchema))
      return [grpcTool(method, { name, inputSchema }, { plan, ports })];
    plan.leftOut(wholeName(method), why ?? 'its message is no object');
    return [];
  });
  for (const method of wanted.slice(MAX_TOOLS))
    plan.leftOut(wholeName(method), `there are ${MAX_TOOLS} already`);
  return described;
}

/** `package.Service/Method`. */
function wholeName({ service, name }: GrpcMethod): string {
  return `${service}/${name}`;
}

/** `Service.Method`; with its package where two would have the same name, so that neither hides the other. */
function namesOf(methods: readonly GrpcMethod[]): ReadonlyMap<GrpcMethod, string> {
  const byName = Map.groupBy(methods, shortName);
  return new Map(
    methods.map((method) => {
      const short = shortName(method);
      return [method, byName.get(short)?.length === 1 ? short : `${method.service}.${method.name}`];
    }),
  );
}

function shortName({ service, name }: GrpcMethod): string {
  return `${service.slice(service.lastIndexOf('.') + 1)}.${name}`;
}

function reasonAgainst({ input }: GrpcMethod, name: string, inputSchema: unknown): string | null {
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(name)) return 'its name is too long for a tool';
  if (input.typeName === MEDIA || !isRecord(inputSchema) || inputSchema['type'] !== 'object')
    return 'its message is no object in JSON';
  const bytes = Buffer.byteLength(JSON.stringify(inputSchema));
  return bytes > MAX_SCHEMA_BYTES ? `its arguments take ${bytes} bytes to describe` : null;
}

interface Description {
  readonly name: string;
  readonly inputSchema: JsonRecord;
}

interface Means {
  readonly plan: GrpcToolPlan;
  readonly ports: ServicePorts;
}

/** Arguments are held against the message when they become one; what does not fit comes back as a problem. */
function grpcTool(method: GrpcMethod, { name, inputSchema }: Description, { plan, ports }: Means): OwnTool {
  const description = method.description === '' ? `Calls ${wholeName(method)}.` : method.description;
  const annotations = ANNOTATIONS[method.idempotency];
  const listing = {
    name,
    description,
    inputSchema,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  const shaping = { checkOutput: null, maxBytes: plan.resultBytes, hint: 'Ask for less.' };

  const isStream = method.serverStreaming && method.output.typeName !== MEDIA;
  const accept = isStream ? EVENTS : 'application/json';

  function call(exchange: Exchange, { args, teller }: ToolCall): Promise<ToolResult | ToldMessages> {
    const headers = headersOf(['Content-Type', 'application/json'], ['Accept', accept]);
    const body = bodyText(JSON.stringify(exactArguments(exchange, args)));
    const request = { method: 'POST', path: method.path, query: '', headers, body };
    return isStream
      ? askForMessages(exchange, { request, shaping, teller }, ports)
      : askService(exchange, { request, shaping }, ports);
  }

  return { name, listing, call };
}
