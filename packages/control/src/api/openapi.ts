import type { GatewayPort, OperationDoc } from '../gateway-port.ts';
import { components, type JsonObject } from './openapi-components.ts';
import { gatewayOperationDoc, gatewayTag, operationDoc } from './openapi-operation.ts';
import type { Operation } from './operation.ts';

/** What stands at the top of the document. */
interface About {
  readonly version: string;
  readonly gateway: Pick<GatewayPort, 'operations'>;
}

/**
 * The OpenAPI 3.1 document of the whole admin API: ours, from the same list and the same schemas by which requests are served and
 * checked, and the gateway's own as it tells them.
 */
export function openApiDocument(operations: readonly Operation[], { version, gateway }: About): JsonObject {
  const shared = components();
  const paths: Record<string, JsonObject> = {};
  const add = (path: string, method: string, doc: JsonObject): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: doc };
  };
  for (const one of operations) add(one.path, one.method, operationDoc(one, shared));
  for (const one of gateway.operations) add(one.path, one.method, gatewayOperationDoc(one));
  return {
    openapi: '3.1.0',
    info: { title: 'Turnpike admin API', version, description: ABOUT, license: LICENSE },
    servers: [{ url: '/', description: 'The admin listener of a gateway.' }],
    tags: tagsOf(operations, gateway.operations),
    security: SECURITY,
    paths,
    components: { ...shared.all(), securitySchemes: SECURITY_SCHEMES },
  };
}

const ABOUT = `Steers a Turnpike gateway, or a fleet of them that shares a database.

Every change of services, routes, apis, consumers, identity providers and lists makes a numbered **revision**. \`dryRun=true\` gives its plan
instead: what would change, and what is risky about it. \`ETag\` and \`If-Match\` keep editors from overwriting each other. Errors are
\`application/problem+json\` (RFC 9457) with a stable \`code\`. Secrets are never shown: they read as \`***\`, and writing \`***\` back keeps them.

Lists have pages: \`limit\` items, and \`next\` for the parameter \`after\` of the next page. Each operation says which **role** it needs
(\`x-role\`: viewer, editor, admin, each with what those before may) and **where** (\`x-within\`: everywhere, in the workspace that it is about,
or in any, and then it tells only of those).`;

const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' };

const SECURITY = [{ token: [] }, { session: [], csrf: [] }, { certificate: [] }];

const SECURITY_SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the configuration, or one that was made here.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'turnpike-session',
    description:
      'The session of a browser, from `POST /v1/session` or a login. Over TLS its name is `__Host-turnpike-session`.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description: 'With a session, for whatever is not GET: `csrf` of `GET /v1/me`.',
  },
  certificate: { type: 'mutualTLS', description: 'A certificate that the configuration knows.' },
};

const TAGS: Readonly<Record<string, string>> = {
  services: 'What requests are sent to.',
  routes: 'Which requests go where, and under which policies.',
  apis: 'Groups of routes with policies in common.',
  consumers: 'Callers that credentials are kept for.',
  'identity-providers': 'Who says who is calling.',
  lists: 'Named lists of addresses.',
  keys: 'Keys of consumers.',
  configuration: 'All objects at once.',
  revisions: 'The history of the configuration.',
  workspaces: 'Parts of the gateway for teams.',
  tokens: 'Tokens of this API.',
  session: 'Browsers: who you are, coming in and going.',
  audit: 'Who did what.',
  fleet: 'Gateways that share a database, and roll-outs.',
  insight: 'What the gateway does, and why.',
  gateway: 'Of the gateway that answers: its health, metrics, configuration and threads.',
  registry: 'Instances that register themselves.',
  cache: 'Responses that it keeps.',
  requests: 'Requests as they end.',
};

function tagsOf(operations: readonly Operation[], others: readonly OperationDoc[]): JsonObject[] {
  const names = new Set([...operations.map(({ tag }) => tag), ...others.map(({ tag }) => gatewayTag(tag))]);
  return [...names].map((name) => ({ name, description: TAGS[name] ?? '' }));
}
