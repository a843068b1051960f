import type {
  Body as SdkBody,
  Exchange as SdkExchange,
  Fields,
  Identity,
  Url,
  ValueKey,
} from '@turnpike/sdk';
import type { Body } from '../../core/body.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { CancelListener, Exchange, Handler, Reply } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { BodyView } from './body-view.ts';
import { FieldsView } from './fields-view.ts';
import type { Plugin } from './plugin.ts';
import { ReplyView } from './reply-view.ts';

/**
 * One request as a plugin sees it, and what the plugin does with it. Nothing but the fields that are asked for is made: a
 * plugin that looks at the path costs one object and one promise.
 */
export class ExchangeView implements SdkExchange, CancelListener {
  readonly #exchange: Exchange;
  readonly #plugin: Plugin;
  /** What is changed: the exchange itself, or in report mode something that nobody looks at. */
  readonly #message: { headers: Headers; body: Body };
  #headers: Fields | null = null;
  #body: SdkBody | null = null;
  #params: Readonly<Record<string, string | undefined>> | null = null;
  #abort: AbortController | null = null;
  #inside: Promise<ReplyView> | null = null;
  #reply: ReplyView | null = null;
  #giveUp: ((error: GatewayError) => void) | null = null;
  #isOver = false;

  constructor(exchange: Exchange, plugin: Plugin) {
    this.#exchange = exchange;
    this.#plugin = plugin;
    this.#message =
      plugin.mode === 'on' ? exchange : { headers: exchange.headers.share(), body: exchange.body };
  }

  get id(): string {
    return this.#exchange.id;
  }

  get method(): string {
    return this.#plugin.slot === 'before-service' ? this.#exchange.targetMethod : this.#exchange.method;
  }

  /** Before the service it is what that gets to see. */
  get url(): Url {
    const { arrival, host, path, query, targetPath, targetQuery } = this.#exchange;
    const { scheme } = arrival;
    if (this.#plugin.slot === 'before-service') return { scheme, host, path: targetPath, query: targetQuery };
    return { scheme, host, path, query };
  }

  get headers(): Fields {
    return (this.#headers ??= new FieldsView(this.#message));
  }

  get body(): SdkBody {
    return (this.#body ??= new BodyView(this.#message, {
      exchange: this.#exchange,
      plugin: this.#plugin.name,
      code: 'BODY_TOO_LARGE',
      isReport: this.#plugin.mode === 'report',
      listen: () => this.#listen(),
      collected: (body) => (this.#exchange.body = body),
    }));
  }

  get route(): string {
    return this.#exchange.record.route;
  }

  get params(): Readonly<Record<string, string | undefined>> {
    return (this.#params ??= paramsOf(this.#plugin.names, this.#exchange.params));
  }

  get client(): Exchange['client'] {
    return this.#exchange.client;
  }

  get identity(): Identity | null {
    return this.#exchange.identity;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    const { cancelled } = this.#exchange;
    if (cancelled !== null) this.#abort.abort(errorOf(cancelled, this.#plugin));
    return this.#abort.signal;
  }

  get<T>(key: ValueKey<T>): T | undefined {
    return this.#exchange.values?.get(key.name) as T | undefined;
  }

  set<T>(key: ValueKey<T>, value: T): void {
    (this.#exchange.values ??= new Map<string, unknown>()).set(key.name, value);
  }

  /** Somebody else has ended the work on this exchange while the plugin had it. */
  cancelled(code: ErrorCode): void {
    const error = errorOf(code, this.#plugin);
    this.#abort?.abort(error);
    this.#giveUp?.(error);
  }

  /** Goes on inside. Rejects when it is called a second time, or too late. */
  static proceed(view: ExchangeView, next: Handler): Promise<ReplyView> {
    if (view.#inside !== null) return Promise.reject(new TypeError('next() was called twice'));
    if (view.#isOver) return Promise.reject(new TypeError('next() was called after the plugin had answered'));
    view.#inside = view.#proceed(next);
    // A plugin that does not wait for it does not hear of it, and that is its own business.
    view.#inside.catch(() => {});
    return view.#inside;
  }

  /** Waits for what the plugin answers, but no longer than the exchange. */
  static async settle<T>(view: ExchangeView, answer: Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        view.#giveUp = reject;
        view.#listen();
        answer.then(resolve, reject);
      });
    } finally {
      view.#isOver = true;
      view.#giveUp = null;
      if (view.#exchange.cancelled === null) view.#exchange.whenCancelled(null);
    }
  }

  /** The reply from inside, if there is one. */
  static replyOf(view: ExchangeView): ReplyView | null {
    return view.#reply;
  }

  /** The way inside, if the plugin took it. */
  static insideOf(view: ExchangeView): Promise<ReplyView> | null {
    return view.#inside;
  }

  async #proceed(next: Handler): Promise<ReplyView> {
    const exchange = this.#exchange;
    let reply: Reply;
    try {
      reply = await next(exchange);
    } finally {
      this.#listen();
    }
    const isReport = this.#plugin.mode === 'report';
    const view = new ReplyView(reply, {
      exchange,
      plugin: this.#plugin.name,
      isReport,
      listen: () => this.#listen(),
    });
    if (this.#isOver && !isReport) {
      exchange.dropReply(reply);
      throw new TypeError('the reply came after the plugin had answered');
    }
    this.#reply = view;
    return view;
  }

  /** From now on the plugin is the innermost that waits. */
  #listen(): void {
    if (this.#isOver) return;
    const { cancelled } = this.#exchange;
    if (cancelled === null) this.#exchange.whenCancelled(this);
    else this.cancelled(cancelled);
  }
}

function errorOf(code: ErrorCode, { name }: Plugin): GatewayError {
  return new GatewayError(code, `cancelled while the plugin ${name} worked on it`);
}

/** What is no percent-encoded UTF-8 stays as it is. */
function paramsOf(
  names: readonly string[],
  values: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const params = Object.create(null) as Record<string, string | undefined>;
  for (const [index, name] of names.entries()) params[name] = decoded(values[index] ?? '');
  return params;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // the path was accepted, and this is what it says
  }
}
