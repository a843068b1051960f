/** Loaded before the gateway by `bench/path.ts`: its data threads get sockets that go nowhere. */
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const SOCKETS = new URL('path-sockets.ts', import.meta.url).href;
/** Those that open connections and take them. TLS and HTTP/2 keep what they have. */
const USERS = /\/wire\/(?:accept|listener|http1\/client-connection)\.[jt]s$/;

if (!isMainThread) {
  registerHooks({
    resolve(specifier, context, next) {
      const isReplaced = specifier === 'node:net' && USERS.test(context.parentURL ?? '');
      return isReplaced ? { url: SOCKETS, shortCircuit: true } : next(specifier, context);
    },
  });
}
