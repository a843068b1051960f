import type { CorsConfig, GraphqlConfig, SecurityHeadersConfig, ValidateConfig } from '@turnpike/config';
import { durationText } from '../output/units.ts';
import { joined, reporting } from './text-parts.ts';

/** `pages of https://app.example.com may call it with credentials`. */
export function corsText(config: CorsConfig): string {
  const { mode, origins, methods, headers, credentials, maxAgeMs } = config;
  const whose = origins.includes('*') ? 'any origin' : origins.join(' and ');
  const parts = [
    `pages of ${whose} may call it${credentials ? ' with credentials' : ''}`,
    methods.length === 0 ? '' : `with ${methods.join(', ')}`,
    headers.length === 0 ? '' : `with ${headers.includes('*') ? 'any headers' : headers.join(', ')}`,
    `preflights last ${durationText(maxAgeMs)}`,
  ];
  return joined(parts, ', ') + reporting(mode);
}

/** `adds x-frame-options and the like where the service does not`. */
export function securityHeadersText({ mode, headers }: SecurityHeadersConfig): string {
  const names = Object.keys(headers);
  return `adds ${names.length === 0 ? 'nothing' : names.join(', ')}, unless the service does${reporting(mode)}`;
}

/** `asks for what users.openapi.yaml describes, and looks at responses (report)`. */
export function validateText({ mode, source, responses, unknownParameters }: ValidateConfig): string {
  const parts = [
    `asks for what ${sourceText(source)}`,
    unknownParameters === 'refuse' ? 'refuses other query parameters' : '',
    responses === 'off' ? '' : `looks at responses (${responses})`,
  ];
  return joined(parts, ', ') + reporting(mode);
}

function sourceText(source: ValidateConfig['source']): string {
  if (source.kind === 'openapi') return `${source.path} describes`;
  const { path, query, headers, body } = source.schemas;
  const parts = [
    ...Object.keys(path).map((name) => `path ${name}`),
    ...Object.keys(query).map((name) => `query ${name}`),
    ...Object.keys(headers).map((name) => `header ${name}`),
    body === null ? '' : body.kind === 'document' ? `body (${body.value})` : 'body',
  ];
  return `the schemas of ${joined(parts, ', ')} describe`;
}

/** `takes operations up to depth 12 and cost 1000, only those of operations`. */
export function graphqlText(config: GraphqlConfig): string {
  const { mode, maxDepth, maxCost, schema, persisted, introspection } = config;
  const parts = [
    `takes operations up to depth ${maxDepth} and cost ${maxCost}`,
    schema === null ? '' : `that ${schema} allows`,
    persisted?.only === true ? `only those of ${persisted.path}` : '',
    introspection ? 'the schema may be asked for' : '',
  ];
  return joined(parts, ', ') + reporting(mode);
}
