import { size } from './size.ts';
import {
  duration,
  flag,
  integer,
  list,
  notation,
  offable,
  optional,
  orElse,
  section,
  word,
} from './typebox.ts';

const messages = section('How many messages a client may send.', {
  limit: integer('So many, and so many at once.', 1, 1_000_000),
  per: duration('In this time.'),
});

/** What may go through a WebSocket, and for how long. */
export const websocket = section(
  'WebSockets: who may open one, what clients may send, and when one ends (RFC 6455). For routes with `upgrade: [websocket]`.',
  {
    origins: optional(
      list(
        'Pages that may open one; whoever names no `Origin` is no browser. Without it, all, but pages of other origins not with cookies, passwords and certificates.',
        notation('browserOrigin', 'Scheme, host and port; `*` in front of the first dot is any subdomain.'),
      ),
    ),
    subprotocols: optional(
      list('Protocols that may be spoken in it; the service hears of no others.', word('A name.')),
    ),
    idleTimeout: orElse(
      offable(duration('The longest time without anything from either side but answers to our pings.')),
      '5m',
    ),
    lifetime: orElse(offable(duration('The longest time that one is open.')), 'off'),
    ping: orElse(
      offable(
        duration(
          'A side that was silent for so long is sent a ping; after as long again without a word it is gone.',
        ),
      ),
      '30s',
    ),
    maxMessageBytes: orElse(
      offable(size('The longest message of a client, all fragments together, as it is on the wire.', 1)),
      '1MiB',
    ),
    messages: optional(messages),
    closeOnExpiry: orElse(flag('It ends when the credentials of the caller do.'), true),
  },
);

/** How streams of events are kept alive. */
export const eventStream = section('Replies with `text/event-stream`.', {
  heartbeat: optional(
    duration('After so long without an event the client gets a comment, so that nobody on the way gives up.'),
  ),
  idleTimeout: optional(
    duration('A service that was silent for so long is gone. `timeouts.idle` of the service holds as well.'),
  ),
});
