import {
  authenticate,
  authorize,
  forwardIdentity,
  ipAccess,
  upstreamCredentials,
} from './access-policies.ts';
import { cors, securityHeaders } from './browser-policies.ts';
import { cache } from './cache-policy.ts';
import { graphql } from './graphql-policy.ts';
import { concurrency, limits, priority, rateLimit } from './limit-policies.ts';
import { compress, transform } from './message-policies.ts';
import { plugins } from './plugins-policy.ts';
import { deadline, fallback, fault, hedge, mirror, retry } from './resilience-policies.ts';
import { eventStream, websocket } from './stream-policies.ts';
import { duration, integer, map, notation, offable, optional, orElse, section, text } from './typebox.ts';
import { validate } from './validate-policy.ts';

const errorBody = section('A body that replaces an error response of the gateway.', {
  body: text('The body.'),
  contentType: orElse(notation('mediaType', 'Its media type.'), 'application/json'),
  status: optional(integer('Another status to answer with.', 200, 599)),
});

const errors = map(
  { description: 'Error responses by status.', entry: 'status 400..599', pattern: '^[45][0-9]{2}$' },
  errorBody,
);

/** What happens to a request on its way; the same for a route and for the defaults of every route. */
export const policies = section('Policies. Each may be `off`.', {
  ipAccess: optional(offable(ipAccess)),
  authenticate: optional(offable(authenticate)),
  authorize: optional(offable(authorize)),
  upstreamCredentials: optional(offable(upstreamCredentials)),
  forwardIdentity: optional(forwardIdentity),
  cors: optional(offable(cors)),
  securityHeaders: optional(offable(securityHeaders)),
  validate: optional(offable(validate)),
  graphql: optional(offable(graphql)),
  limits: optional(offable(limits)),
  rateLimit: optional(offable(rateLimit)),
  concurrency: optional(offable(concurrency)),
  cache: optional(offable(cache)),
  transform: optional(offable(transform)),
  compress: optional(offable(compress)),
  priority: optional(offable(priority)),
  timeout: optional(offable(duration('The whole exchange, retries included.'))),
  deadline: optional(offable(deadline)),
  retry: optional(offable(retry)),
  hedge: optional(offable(hedge)),
  fallback: optional(offable(fallback)),
  mirror: optional(offable(mirror)),
  fault: optional(offable(fault)),
  websocket: optional(offable(websocket)),
  eventStream: optional(offable(eventStream)),
  errors: optional(offable(errors)),
  plugins: optional(offable(plugins)),
});
