import type { Body as SdkBody, Fields, Reply as SdkReply } from '@turnpike/sdk';
import type { Body } from '../../core/body.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { BodyView } from './body-view.ts';
import { FieldsView } from './fields-view.ts';

/** What the view works with. */
export interface ReplyPorts {
  readonly exchange: Exchange;
  readonly plugin: string;
  readonly isReport: boolean;
  readonly listen: () => void;
}

/** A reply from inside, as a plugin sees it: what it changes is changed in a copy, because replies are shared. */
export class ReplyView implements SdkReply {
  readonly #reply: Reply;
  readonly #message: { status: number; headers: Headers; body: Body };
  /** In report mode: what was read is still for the client. */
  #original: Body;
  readonly #ports: ReplyPorts;
  #headers: Fields | null = null;
  #body: SdkBody | null = null;

  constructor(reply: Reply, ports: ReplyPorts) {
    const { status, headers, body } = reply;
    this.#reply = reply;
    this.#ports = ports;
    this.#message = { status, headers, body };
    this.#original = body;
  }

  get headers(): Fields {
    return (this.#headers ??= new FieldsView(this.#message));
  }

  get body(): SdkBody {
    return (this.#body ??= new BodyView(this.#message, {
      ...this.#ports,
      code: 'RESPONSE_TOO_LARGE',
      collected: (collected) => (this.#original = collected),
    }));
  }

  get status(): number {
    return this.#message.status;
  }

  set status(status: number) {
    this.#message.status = checkedStatus(status);
  }

  get code(): ErrorCode | '' {
    return this.#reply.code;
  }

  /** The reply with what the plugin has changed. A connection that was switched to another protocol stays so. */
  static changed(view: ReplyView): Reply {
    const { status, headers, body } = view.#message;
    const reply = view.#reply;
    if (reply.tunnel !== null) return { ...reply, headers };
    return { ...reply, status, headers, body };
  }

  /** The reply as if the plugin had only looked. */
  static unchanged(view: ReplyView): Reply {
    return { ...view.#reply, body: view.#original };
  }

  /** What is left of it, for somebody to let go of. */
  static rest(view: ReplyView): Reply {
    return { ...view.#reply, body: view.#message.body };
  }
}

/** Throws for what is no status of a final reply. */
export function checkedStatus(status: unknown): number {
  if (typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new TypeError(`${String(status)} is no status of a reply: those are whole numbers from 200 to 599`);
}
