import type { ApiTool, Fault } from '@turnpike/config/validation';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler } from '../../core/exchange.ts';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { apiRequest } from './api-request.ts';
import { ask, type Answer } from './ask.ts';
import {
  breakdown,
  cut,
  failure,
  mediaResult,
  structuredResult,
  textResult,
  type ToolResult,
} from './results.ts';
import type { ToolSources } from './ports.ts';
import type { OwnTool } from './tool.ts';

/** What the tools of one document have in common. */
export interface ApiToolPlan {
  readonly basePath: string;
  readonly resultBytes: number;
  readonly ownsCredentials: boolean;
}

/** What they work with. */
export interface ApiToolPorts {
  readonly towards: Handler;
  readonly wheel: TimingWheel;
  readonly check: ToolSources['check'];
}

/** Of a larger answer not even the beginning is read. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** An operation of an API as a tool: arguments become a request, and its answer a result. */
export function apiTool(tool: ApiTool, plan: ApiToolPlan, ports: ApiToolPorts): OwnTool {
  const { towards, wheel } = ports;
  const checkInput = ports.check(tool.inputSchema);
  const checkOutput = tool.outputSchema === null ? null : ports.check(tool.outputSchema);
  const maxBytes = Math.max(MAX_ANSWER_BYTES, plan.resultBytes);
  const shaping = { tool, checkOutput, maxBytes: plan.resultBytes, hint: hintOf(tool) };

  async function call(exchange: Exchange, args: JsonRecord): Promise<ToolResult> {
    const faults = checkInput(args);
    if (faults.length > 0) return failure(`The arguments are not what the tool takes:\n${listed(faults)}`);
    const made = apiRequest(tool, plan.basePath, args);
    if (!made.ok) return failure(`The arguments are not what the tool takes: ${made.problem}`);
    const authorization = plan.ownsCredentials ? exchange.headers.get('authorization') : undefined;
    if (authorization !== undefined) made.request.headers.append('Authorization', authorization);
    try {
      return resultOf(await ask(exchange, made.request, { towards, nowMs: wheel.nowMs, maxBytes }), shaping);
    } catch (error) {
      // Whoever called is told in the words of the model; if nobody waits, nobody is.
      if (!(error instanceof GatewayError) || exchange.cancelled !== null) throw error;
      return breakdown(error, exchange.id);
    }
  }

  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const listing = {
    name,
    ...(title !== '' && { title }),
    description,
    inputSchema,
    ...(outputSchema !== null && { outputSchema }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return { name, listing, call };
}

function listed(faults: readonly Fault[]): string {
  return faults
    .map(({ pointer, message }) => `- ${pointer === '' ? 'the arguments' : pointer} ${message}`)
    .join('\n');
}

const PAGING =
  /^(limit|page|page_?size|per_?page|size|offset|cursor|skip|top|count|fields|select|filter|q|query)$/i;

/** What a model may do about an answer that is too large. */
function hintOf({ parameters }: ApiTool): string {
  const names = parameters.filter(({ name }) => PAGING.test(name)).map(({ argument }) => argument);
  return names.length === 0 ? 'Ask for less.' : `Ask for less, with ${names.join(', ')}.`;
}

interface Shaping {
  readonly tool: ApiTool;
  readonly checkOutput: ((value: unknown) => readonly Fault[]) | null;
  readonly maxBytes: number;
  readonly hint: string;
}

function resultOf({ status, headers, bytes }: Answer, shaping: Shaping): ToolResult {
  const type = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const { maxBytes, hint } = shaping;
  if (bytes === null) return failure(`The answer is larger than ${MAX_ANSWER_BYTES} bytes. ${hint}`);
  if (headers.has('content-encoding'))
    return failure('The answer of the service is compressed, which nobody asked for.');
  if (status < 200 || status > 299) return refusedBy(status, bytes, maxBytes);
  if (bytes === '') return emptyResult(status, shaping);
  const media = /^(image|audio)\//.exec(type)?.[1];
  if (media === 'image' || media === 'audio')
    return bytes.length > maxBytes
      ? failure(`The answer is larger than ${maxBytes} bytes. ${hint}`)
      : mediaResult(media, type, bytes);
  const text = textOf(bytes);
  if (text === null)
    return failure(
      `The answer is ${bytes.length} bytes of ${type === '' ? 'an unknown type' : type}, which is no text.`,
    );
  if (bytes.length > maxBytes) return cut(text, maxBytes, hint);
  return isJson(type) ? jsonResult(text, shaping) : plainResult(text, shaping);
}

/** The service says why it does not; a model can read that and do better. */
function refusedBy(status: number, bytes: string, maxBytes: number): ToolResult {
  const text = textOf(bytes) ?? '';
  return failure(`The service answered with status ${status}.\n\n${text.slice(0, maxBytes)}`.trim());
}

function emptyResult(status: number, shaping: Shaping): ToolResult {
  return plainResult(`Done (status ${status}, no content).`, shaping);
}

/** A client would not take a text where the tool has promised a value. */
function plainResult(text: string, { checkOutput }: Shaping): ToolResult {
  return checkOutput === null
    ? textResult(text)
    : failure(`The answer is not what the tool describes:\n\n${text}`);
}

function jsonResult(text: string, shaping: Shaping): ToolResult {
  const { checkOutput } = shaping;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return failure('The answer of the service says that it is JSON, and is not.');
  }
  if (checkOutput !== null) {
    const faults = checkOutput(value);
    if (faults.length > 0)
      return failure(`The answer is not what the tool describes:\n${listed(faults)}\n\n${text}`);
  }
  return isRecord(value) ? structuredResult(value, text) : textResult(text);
}

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: string): string | null {
  try {
    return UTF8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    // It is something else than text.
    return null;
  }
}
