import { size } from './size.ts';
import { choice, duration, list, map, notation, optional, orElse, section, text, word } from './typebox.ts';

const tool = section('Operations that become tools. `openapi` with `service`, or `grpc`.', {
  openapi: optional(word('An OpenAPI document; each of its operations becomes a tool.')),
  service: optional(word('The service that answers the operations of the document.')),
  basePath: orElse(
    notation('pathPrefix', 'What stands in front of the paths of the document, for the service.'),
    '/',
  ),
  grpc: optional(
    word('A gRPC service, whose unary methods become tools. It needs descriptors: `services.*.grpc`.'),
  ),
  include: orElse(
    list(
      'Only these: `operationId`s, or `package.Service/Method`s; `*` stands for any text. All by default, or those with `x-mcp: true` if there are any.',
      word('A name.'),
    ),
    [],
  ),
  exclude: orElse(list('Never these.', word('A name, as in `include`.')), []),
  prefix: orElse(text('Stands in front of the names of these tools.'), ''),
});

const server = section('An MCP server behind this endpoint.', {
  service: word('The service that it is.'),
  path: orElse(notation('pathPrefix', 'Where it listens.'), '/mcp'),
  prefix: optional(
    word(
      'Stands in front of the names of its tools and prompts, with `__` between. The name of the service by default.',
    ),
  ),
  offers: orElse(list('What of it is shown.', choice('A kind.', ['tools', 'prompts', 'resources'])), [
    'tools',
    'prompts',
    'resources',
  ]),
});

const access = section('Who may see and use tools, prompts and resources.', {
  scopes: orElse(list('All of these scopes.', word('A scope.')), []),
  anyScope: orElse(list('One of these scopes.', word('A scope.')), []),
});

/** The endpoint of an MCP server that we are, or that we stand before. */
export const mcp = section(
  'An endpoint of the Model Context Protocol. With `service`, that of one server; without, `tools` and `servers` behind one endpoint.',
  {
    tools: orElse(list('Operations of REST and gRPC services as tools.', tool), []),
    servers: orElse(list('Other MCP servers, all behind this endpoint.', server), []),
    access: orElse(
      map(
        {
          description:
            'What tools, prompts and resources ask of who wants them; what a caller may not have, it does not see. Patterns fit names, with the prefix of their server, and of resources prefix and URI. Of all that fit, every one must hold.',
          entry: 'tool',
          pattern: '^[!-~]{1,256}$',
        },
        access,
      ),
      {},
    ),
    name: optional(word('What the endpoint calls itself. The name of the route by default.')),
    version: orElse(word('The version that it says it has.'), '1.0.0'),
    instructions: orElse(text('What a model is told about these tools as a whole.'), ''),
    origins: orElse(
      list(
        'Web pages that may call it, beside those of the `cors` policy.',
        notation('browserOrigin', 'An origin.'),
      ),
      [],
    ),
    listTtl: orElse(duration('How long clients may remember lists.'), '5m'),
    serverTimeout: orElse(duration('How long a server may take to say what it has.'), '2s'),
    resultBytes: orElse(
      size(
        'The largest answer of an operation that a model gets; of more it is told to ask for less.',
        256,
        16 * 2 ** 20,
      ),
      '25KiB',
    ),
    resource: optional(
      notation(
        'httpUrl',
        'The address of this endpoint as clients know it (RFC 8707, RFC 9728). That of the request by default.',
      ),
    ),
  },
);
