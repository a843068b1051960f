import { isMade, type Answer, type Next } from '@turnpike/sdk';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import { ExchangeView } from './exchange-view.ts';
import { reasonOf, replyOf } from './made-reply.ts';
import type { Plugin, PluginPorts } from './plugin.ts';
import { ReplyView } from './reply-view.ts';

/** Reasons that are told apart in the metrics of one plugin; an author could make them from what a client sends. */
const MOST_REASONS = 32;

/**
 * A plugin as a stage. Both are functions around the next one; between them, the plugin sees a view of the exchange, and whatever
 * it throws, or gives that is no reply, costs this request a 500 and a line in the log, and nothing more.
 */
export function pluginStage(plugin: Plugin, ports: PluginPorts): Wrapper {
  const { name } = plugin;
  const rule = `plugins.${name}`;
  const reasons = new Set<string>();

  const reasonFor = (reason: string): string => {
    if (reasons.size < MOST_REASONS) reasons.add(reason);
    return reasons.has(reason) ? reason : 'other';
  };

  const failed = (exchange: Exchange, error: unknown): void => {
    ports.count.failed('error');
    const { route } = exchange.record;
    ports.log.error('a plugin failed', { plugin: name, route, requestId: exchange.id, error });
  };

  /** What it answered, as a reply. */
  const finished = (exchange: Exchange, view: ExchangeView, answer: Answer): Reply => {
    const inner = ExchangeView.replyOf(view);
    if (answer instanceof ReplyView && answer === inner) {
      ports.count.allowed();
      return ReplyView.changed(answer);
    }
    const reply = replyOf(made(answer), exchange, name);
    if (inner !== null) exchange.dropReply(ReplyView.rest(inner));
    ports.count.denied(reasonFor(reasonOf(made(answer))));
    return reply;
  };

  /** It broke down. What was thrown inside goes on as it is: the plugin has only passed it on. */
  const broken = (exchange: Exchange, view: ExchangeView, error: unknown): Reply => {
    const inner = ExchangeView.replyOf(view);
    if (inner !== null) exchange.dropReply(ReplyView.rest(inner));
    if (error instanceof GatewayError) {
      if (error.rule === rule) ports.count.denied(reasonFor(error.code));
      throw error;
    }
    failed(exchange, error);
    return refuse(exchange, 'PLUGIN_FAILED', { rule });
  };

  return (next) => {
    const handle = plugin.around(nextOf(next));

    const report = async (exchange: Exchange): Promise<Reply> => {
      const view = new ExchangeView(exchange, plugin);
      try {
        const answer = await ExchangeView.settle(view, asked(handle, view));
        if (answer !== ExchangeView.replyOf(view)) ports.count.reported(reasonFor(reasonOf(made(answer))));
      } catch (error) {
        if (exchange.cancelled !== null) throw error;
        if (!(error instanceof GatewayError)) failed(exchange, error);
        else if (error.rule === rule) ports.count.reported(reasonFor(error.code));
      }
      return onItsWay(exchange, view, next);
    };

    const run = async (exchange: Exchange): Promise<Reply> => {
      const view = new ExchangeView(exchange, plugin);
      try {
        return finished(exchange, view, await ExchangeView.settle(view, asked(handle, view)));
      } catch (error) {
        return broken(exchange, view, error);
      }
    };

    return plugin.mode === 'report' ? report : run;
  };
}

/** In report mode the request goes its way, whatever the plugin says. */
async function onItsWay(exchange: Exchange, view: ExchangeView, next: Handler): Promise<Reply> {
  const inside = ExchangeView.insideOf(view);
  return inside === null ? next(exchange) : ReplyView.unchanged(await inside);
}

/** The next stage, as the plugin calls it. */
function nextOf(next: Handler): Next {
  return (view) =>
    view instanceof ExchangeView
      ? ExchangeView.proceed(view, next)
      : Promise.reject(
          new TypeError('next() takes the exchange that the plugin was given, and nothing else'),
        );
}

/** A plugin that throws at once has thrown. */
async function asked(handle: (view: ExchangeView) => Promise<Answer>, view: ExchangeView): Promise<Answer> {
  return handle(view);
}

function made(answer: Answer) {
  if (isMade(answer)) return answer;
  throw new TypeError(
    'a plugin gave something that is no reply: it returns what next() gave it, or what respond(), problem() or refuse() made',
  );
}
