import { basename, extname, join } from 'node:path';
import type { Draft, IssueCode } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import type { GraphqlUse, UsedOperation } from '../resolve/graphql.ts';
import type { GatewayConfig } from '../resolved.ts';
import { type Files, readProblem } from './files.ts';

/** What was found in the files that are named for GraphQL. */
export interface ReadGraphql {
  /** By absolute path: a schema as a JSON string, operations as a JSON object of texts by id. */
  readonly texts: GatewayConfig['documents'];
  /** Told where the files are named. */
  readonly faults: readonly Draft[];
}

/** What reading works with. The two hear of everything that is read or looked for. */
export interface GraphqlPorts {
  readonly files: Files;
  readonly watch: (path: string) => void;
  readonly watchDirectory: (path: string) => void;
}

const OPERATION_FILE = /\.(graphql|gql)$/;
const MAX_OPERATIONS = 10_000;
const MAX_TOKENS = 100_000;

/** Reads schemas and operations, and checks them. The library behind it is loaded only when there is something to check. */
export async function readGraphql(uses: readonly GraphqlUse[], ports: GraphqlPorts): Promise<ReadGraphql> {
  const texts: Record<string, string> = {};
  const faults: Draft[] = [];
  for (const { path, at, kind, operation } of uses) {
    try {
      const text = texts[path] ?? (await READERS[kind](path, ports));
      texts[path] = text;
      if (operation !== null) await checkOperation(path, text, operation);
    } catch (error) {
      faults.push(draftOf(error, path, at));
    }
  }
  return { texts, faults };
}

const READERS = { schema: readSchema, operations: readOperations } as const;

/** What is wrong with what is in a file. */
class Fault extends Error {}

function draftOf(error: unknown, file: string, path: Path): Draft {
  const code: IssueCode = error instanceof Fault ? 'BAD_VALUE' : 'UNREADABLE';
  const problem =
    error instanceof Fault ? error.message : `the file ${file} cannot be read: ${readProblem(error)}`;
  return { code, message: `${dotted(path)}: ${problem}`, path };
}

async function readSchema(path: string, ports: GraphqlPorts): Promise<string> {
  const text = await readText(path, ports);
  const { openSchema } = await import('../graphql/graphql.ts');
  const schema = openSchema(text);
  if (typeof schema === 'string') throw new Fault(`${path} is no schema: ${schema}`);
  return JSON.stringify(text);
}

async function readOperations(path: string, ports: GraphqlPorts): Promise<string> {
  const names = await listOf(path, ports);
  const texts = names === null ? await readFile(path, ports) : await readDirectory(path, names, ports);

  const count = Object.keys(texts).length;
  if (count === 0) throw new Fault(`${path} has no operations: no .graphql file, and no text by id`);
  if (count > MAX_OPERATIONS)
    throw new Fault(`${path} has ${count} operations; at most ${MAX_OPERATIONS} are kept`);
  const { openDocument } = await import('../graphql/graphql.ts');
  for (const [id, text] of Object.entries(texts)) {
    const document = openDocument(text, MAX_TOKENS);
    if (typeof document === 'string') throw new Fault(`${path}: ${id}: ${document}`);
    if (document.operations.length === 0) throw new Fault(`${path}: ${id} has no operation in it`);
  }
  return JSON.stringify(texts);
}

/** A request has one answer, and says something only by what is a variable. */
async function checkOperation(
  path: string,
  json: string,
  { id, field, parameters }: UsedOperation,
): Promise<void> {
  const { namedOperation, operationVariables, rootFields } = await import('../graphql/graphql.ts');
  const found = namedOperation(json, id);
  if (typeof found === 'string') throw new Fault(`${path} ${found}`);
  const { document, node } = found;
  if (node.operation === 'subscription')
    throw new Fault(`${path}: a subscription has many answers, and a request one`);
  const variables = operationVariables(node).map(({ name }) => name);
  const stranger = parameters.find((name) => !variables.includes(name));
  if (stranger !== undefined)
    throw new Fault(
      `${path}: {${stranger}} of the path is no variable of the operation${variables.length === 0 ? '' : `, which has ${variables.join(', ')}`}`,
    );
  const fields = rootFields(document, node);
  if (field !== null && !fields.includes(field))
    throw new Fault(`${path}: there is no ${field} in its data, but ${fields.join(', ')}`);
}

function listOf(path: string, { files, watch }: GraphqlPorts): Promise<readonly string[] | null> {
  watch(path);
  return files.list(path);
}

async function readDirectory(
  path: string,
  names: readonly string[],
  ports: GraphqlPorts,
): Promise<Record<string, string>> {
  ports.watchDirectory(path);
  const texts: [string, string][] = [];
  for (const name of names.filter((each) => OPERATION_FILE.test(each)).toSorted())
    texts.push([name.slice(0, -extname(name).length), await readText(join(path, name), ports)]);
  return Object.fromEntries(texts);
}

/** A file is one operation, or a manifest of them. */
async function readFile(path: string, ports: GraphqlPorts): Promise<Record<string, string>> {
  if (!OPERATION_FILE.test(path)) return readManifest(path, ports);
  return { [basename(path, extname(path))]: await readText(path, ports) };
}

async function readManifest(path: string, ports: GraphqlPorts): Promise<Record<string, string>> {
  const text = await readText(path, ports);
  const { manifestTexts } = await import('../graphql/graphql.ts');
  const texts = manifestTexts(parsed(path, text));
  if (texts === null)
    throw new Fault(`${path} is neither an object of texts by id nor a manifest of operations`);
  return texts;
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Fault(`${path} is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

async function readText(path: string, { files, watch }: GraphqlPorts): Promise<string> {
  watch(path);
  return new TextDecoder().decode(await files.read(path));
}
