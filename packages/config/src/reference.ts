import { holdsSecret, type JsonSchema, marksOf } from './schema/json-schema.ts';
import { expectedOf, rangeOf } from './walk/expected.ts';

const CONFIGURATION = `# Configuration reference

<!-- Generated from the schema by packages/config/src/reference.ts; a test holds it. Do not edit. -->

Every key of the configuration language. Durations have a unit (\`250ms\`, \`5s\`, \`1m\`, \`2h\`, \`1d\`), and so have
sizes (\`512B\`, \`64KiB\`, \`1MiB\`). Any value may hold \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:path}\`;
\`$\${\` is a plain \`\${\`.
`;

/** The head of the page about files of tests. */
export const ABOUT_TESTS = `# Reference of test files

<!-- Generated from the schema by packages/config/src/reference.ts; a test holds it. Do not edit. -->

Every key of the files that \`turnpike test\` takes; [testing.md](../testing.md) shows them at work. \`*\` stands for a name, \`[]\` for each entry
of a list. Where a text must match, it is exact, \`/regex/\` between slashes, or \`*\` for any.
`;

/** The reference page of a schema, one table a section. Takes our own schema, because the published one has no marks. */
export function referenceMarkdown(schema: JsonSchema, head = CONFIGURATION): string {
  const sections = Object.entries(schema.properties ?? {}).map(([key, section]) => sectionOf(key, section));
  return [head, ...sections].join('\n');
}

function sectionOf(key: string, schema: JsonSchema): string {
  const rows = rowsOf(key, schema);
  return `## ${key}\n\n| Key | Takes | Default | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function rowsOf(path: string, schema: JsonSchema): string[] {
  const notes = [schema.description ?? ''];
  if (holdsSecret(schema)) notes.push('Never shown.');
  const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  const cells = [`\`${path}\``, takesOf(schema), fallback, notes.filter((note) => note !== '').join(' ')];
  return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...rowsWithin(path, schema)];
}

function rowsWithin(path: string, schema: JsonSchema): string[] {
  const { properties = {}, additionalProperties, items, anyOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([key, property]) => rowsOf(`${path}.${key}`, property)),
    ...(typeof additionalProperties === 'object' ? rowsWithin(`${path}.*`, additionalProperties) : []),
    ...(items ? rowsWithin(`${path}[]`, items) : []),
    ...anyOf.flatMap((branch) => rowsWithin(path, branch)),
  ];
}

function takesOf(schema: JsonSchema): string {
  const range = marksOf(schema).format === undefined ? '' : rangeOf(schema);
  if (schema.type === 'array' && schema.items) return `a list of: ${expectedOf(schema.items)}`;
  return `${expectedOf(schema)}${range}`;
}
