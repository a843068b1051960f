import type { Body as SdkBody } from '@turnpike/sdk';
import type { Body } from '../../core/body.ts';
import { collectBody } from '../../core/collect-body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { BodyChunks } from './body-chunks.ts';
import { IteratedBody } from './iterated-body.ts';

/** A message whose body is shown. */
export interface BodyOwner {
  body: Body;
}

/** What the view works with. */
export interface BodyPorts {
  readonly exchange: Exchange;
  readonly plugin: string;
  /** For a body that is too large. */
  readonly code: ErrorCode & ('BODY_TOO_LARGE' | 'RESPONSE_TOO_LARGE');
  /** In report mode a body may be looked at, but neither taken away nor replaced. */
  readonly isReport: boolean;
  /** Another waits for the exchange no more: the plugin does. */
  readonly listen: () => void;
  /** Hears what is collected, which goes on in place of what was there. */
  readonly collected: (body: Body) => void;
}

/** The body of a message as a plugin sees it. */
export class BodyView implements SdkBody {
  readonly #owner: BodyOwner;
  readonly #ports: BodyPorts;

  constructor(owner: BodyOwner, ports: BodyPorts) {
    this.#owner = owner;
    this.#ports = ports;
  }

  async bytes(maxBytes: number): Promise<Uint8Array> {
    return Buffer.from(await this.#collect(maxBytes), 'latin1');
  }

  async text(maxBytes: number): Promise<string> {
    return Buffer.from(await this.#collect(maxBytes), 'latin1').toString('utf8');
  }

  async json(maxBytes: number): Promise<unknown> {
    return JSON.parse(await this.text(maxBytes)) as unknown;
  }

  stream(): AsyncIterable<Uint8Array> {
    const { exchange, isReport } = this.#ports;
    const { body } = this.#owner;
    if (isReport) throw new TypeError('a plugin in report mode cannot take a body away: use bytes or text');
    this.#owner.body = null;
    if (body === null || typeof body === 'string') return onlyPiece(body ?? '');
    const chunks = new BodyChunks(body);
    exchange.whenEnded(() => chunks.stop());
    return chunks;
  }

  replace(body: string | Uint8Array | AsyncIterable<Uint8Array> | null): void {
    const old = this.#owner.body;
    const next = asBody(body, this.#ports.plugin);
    if (this.#ports.isReport) return;
    if (typeof old === 'object') old?.cancel();
    this.#owner.body = next;
  }

  async #collect(maxBytes: number): Promise<string> {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
      throw new TypeError('reading a body takes a number of bytes at most');
    const { exchange, code, plugin, listen, collected } = this.#ports;
    try {
      const { bytes, body } = await collectBody(exchange, this.#owner.body, maxBytes);
      this.#owner.body = body;
      collected(body);
      if (bytes !== null) return bytes;
    } finally {
      listen();
    }
    const message = `a body has more than the ${maxBytes} bytes that the plugin ${plugin} takes`;
    throw new GatewayError(code, message, { rule: `plugins.${plugin}` });
  }
}

/** Throws for what is no body. */
export function asBody(body: unknown, plugin: string): Body {
  if (body === null) return null;
  if (typeof body === 'string') return body === '' ? null : Buffer.from(body).toString('latin1');
  if (body instanceof Uint8Array)
    return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1') || null;
  if (typeof body === 'object' && Symbol.asyncIterator in body)
    return new IteratedBody(body as AsyncIterable<Uint8Array>, plugin);
  throw new TypeError('a body is text, a Uint8Array, an AsyncIterable of those, or null');
}

// oxlint-disable-next-line require-await -- as the body that comes in pieces
async function* onlyPiece(bytes: string): AsyncGenerator<Uint8Array> {
  if (bytes !== '') yield Buffer.from(bytes, 'latin1');
}
