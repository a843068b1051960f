import type { Fault } from '@turnpike/config/validation';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler } from '../../core/exchange.ts';
import { isRecord } from '../../core/mcp/message.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';
import { ask, type Answer } from './ask.ts';
import type { OwnRequest } from './own-exchange.ts';
import {
  breakdown,
  cut,
  failure,
  listed,
  mediaResult,
  structuredResult,
  textResult,
  type ToolResult,
} from './results.ts';

/** What tools ask services with. */
export interface ServicePorts {
  readonly towards: Handler;
  readonly wheel: TimingWheel;
  /** Whether `Authorization` of an exchange that comes here is one that we made for services. */
  readonly ownsCredentials: boolean;
}

/** Of a larger answer not even the beginning is read. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Asks a service for the caller of a tool, and tells what came of it in the words of the model. */
export async function askService(
  exchange: Exchange,
  { request, shaping }: { readonly request: OwnRequest; readonly shaping: Shaping },
  { towards, wheel, ownsCredentials }: ServicePorts,
): Promise<ToolResult> {
  if (ownsCredentials) addCredentials(exchange, request);
  const asking = { towards, nowMs: wheel.nowMs, maxBytes: answerBytes(shaping) };
  try {
    return resultOf(await ask(exchange, request, asking), shaping);
  } catch (error) {
    return broken(error, exchange);
  }
}

/** The `Authorization` that was made for services goes to this one. */
export function addCredentials({ headers }: Exchange, request: OwnRequest): void {
  const authorization = headers.get('authorization');
  if (authorization !== undefined) request.headers.append('Authorization', authorization);
}

/** How much of an answer is read. */
export function answerBytes({ maxBytes }: Shaping): number {
  return Math.max(MAX_ANSWER_BYTES, maxBytes);
}

/** What is told of a call that broke. If nobody waits, nobody is told. */
export function broken(error: unknown, { cancelled, id }: Exchange): ToolResult {
  if (!(error instanceof GatewayError) || cancelled !== null) throw error;
  return breakdown(error, id);
}

/** What becomes of answers. */
export interface Shaping {
  /** Null: nothing is promised of them. */
  readonly checkOutput: ((value: unknown) => readonly Fault[]) | null;
  /** Of a result. */
  readonly maxBytes: number;
  /** What a model may do about an answer that is too large. */
  readonly hint: string;
}

/** Makes a result of what a service answered: a value, a text, media, or what went wrong. */
export function resultOf({ status, headers, bytes }: Answer, shaping: Shaping): ToolResult {
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
