import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';

const SERVICES =
  'services: { s: { endpoints: [http://a] }, t: { endpoints: [http://b] }, g: { endpoints: [grpc://c], grpc: { reflection: true } } }\n';

/** A route that is an MCP endpoint. */
function mcp(text: string, more = ''): string {
  return `listeners: { w: { address: ":80" } }\n${SERVICES}routes: { r: { match: { path: /mcp }, ${more}translate: { mcp: ${text} } } }`;
}

const TOOLS = 'tools: [{ openapi: tools.json, service: s }]';

const ENDPOINTS: readonly Row[] = [
  [mcp('{}').replace('{ mcp: {}', '{ »mcp: {}'), 'MISSING_KEY'],
  [mcp(`{ »${TOOLS} }`, 'service: s, '), 'CONFLICT'],
  [
    mcp(`{ ${TOOLS} }`, '@').replace(
      '{ r: { match: { path: /mcp }, @',
      '{ »r: { match: { path: /mcp }, respond: {}, ',
    ),
    'CONFLICT',
  ],
  [mcp('{ tools: [{ openapi: tools.json, service: »u }] }'), 'UNKNOWN_NAME'],
  [mcp('{ tools: [»{ openapi: tools.json }] }'), 'MISSING_KEY'],
  [mcp('{ tools: [»{ service: s }] }'), 'MISSING_KEY'],
  [mcp('{ tools: [{ openapi: »none.json, service: s }] }'), 'UNREADABLE'],
  [mcp('{ tools: [{ openapi: tools.json, service: s, »grpc: t }] }'), 'CONFLICT'],
  [mcp('{ tools: [{ »grpc: t }] }').replace('http://b', 'grpc://b'), 'CONFLICT'],
  [
    mcp('{ tools: [{ »grpc: t }] }').replace('[http://b]', '[http://b], grpc: { reflection: true }'),
    'CONFLICT',
  ],
  [mcp('{ tools: [{ grpc: g, prefix: »"a b" }] }'), 'BAD_VALUE'],
  [mcp(`{ ${TOOLS} }, »grpc: web`), 'CONFLICT'],
  [mcp(`{ ${TOOLS} }, »streamAs: sse`), 'CONFLICT'],
  [mcp('{ tools: [{ openapi: tools.json, service: s, prefix: »"a b " }] }'), 'BAD_VALUE'],
  [
    mcp('{ tools: [{ openapi: tools.json, service: s }, »{ openapi: tools.json, service: t }] }'),
    'DUPLICATE_ENTRY',
  ],
  [mcp('{ servers: [{ service: »u }] }'), 'UNKNOWN_NAME'],
  [mcp('{ servers: [{ service: s, prefix: »a__b }] }'), 'BAD_VALUE'],
  [mcp('{ servers: [{ service: s, prefix: »a_ }] }'), 'BAD_VALUE'],
  [mcp('{ servers: [{ service: s }, »{ service: t, prefix: s }] }'), 'DUPLICATE_ENTRY'],
  [mcp(`{ ${TOOLS}, access: { »"*": { scopes: [a] } } }`), 'CONFLICT'],
  [mcp(`{ ${TOOLS}, access: { »"a b": { scopes: [a] } } }`), 'BAD_VALUE'],
  [mcp(`{ ${TOOLS}, origins: [»app.example.com] }`), 'BAD_VALUE', 'https://app.example.com'],
  [mcp(`{ ${TOOLS}, »tool: [] }`), 'UNKNOWN_KEY', 'tools'],
];

describeFaults({ 'MCP endpoints': ENDPOINTS });

describeWarnings(
  [[mcp('{ tools: [»{ openapi: tools.json, service: s, include: [nothing] }] }'), 'NO_EFFECT']],
  [
    mcp(`{ ${TOOLS} }`),
    mcp('{ servers: [{ service: s }, { service: t, path: /other }] }'),
    mcp('{ tools: [{ grpc: g }, { openapi: tools.json, service: s }] }'),
    mcp('{ access: { "*": {} } }', 'service: s, '),
    mcp('{ tools: [{ openapi: tools.json, service: s }, { openapi: tools.json, service: t, prefix: t_ }] }'),
  ],
);
