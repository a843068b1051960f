// Validation by OpenAPI and JSON Schema: a door of its own, so that who validates nothing does not load what it needs.

import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig, ValidateConfig } from '../resolved.ts';
import type { Contract } from './contract.ts';
import { inlineContract, inPlace } from './inline-contract.ts';
import { lazy } from './lazy.ts';
import { Description } from './openapi/description.ts';
import { dialectOf } from './openapi/dialect.ts';
import { DocumentSet, uriOf } from './openapi/document-set.ts';
import { compileOperations } from './openapi/openapi-contract.ts';
import type { Fault } from './fault.ts';

export type { BodyCheck, BodyRule } from './bodies/body-rule.ts';
export type { Contract, Found, Operation, ResponseContract } from './contract.ts';
export type { Fault } from './fault.ts';
export type { ApiTool, ToolBody, ToolParameter } from './openapi/tools/api-tool.ts';
export { toolsOfDocument, type DocumentTools, type ToolsPlan } from './openapi/tools/tools-of-document.ts';
export { routesOfDocument, type DocumentRoute, type DocumentRoutes } from './openapi/routes-of-document.ts';
export type { Head } from './parameters/head.ts';
export { checkSchema } from './schema-engine.ts';
export type { UnknownParameters } from './parameters/parameters.ts';
export { MAX_VIOLATIONS, type Violation } from './violation.ts';

/** What a route is validated by. */
export interface ContractPlan {
  readonly source: ValidateConfig['source'];
  /** Names of the route's path parameters, in the order of their values. */
  readonly names: readonly string[];
  /** Texts of the documents, by path. */
  readonly documents: GatewayConfig['documents'];
}

/** An opened document: of all routes that name it. */
interface Opened {
  readonly description: Description;
  readonly operations: () => (basePath: string) => Contract;
}

/**
 * Makes contracts, and remembers the documents that it opened: routes share them, and what was compiled for one revision of the
 * configuration is good for the next, if no document has changed.
 */
export class Contracts {
  #documents: GatewayConfig['documents'] = {};
  #opened = new Map<string, Opened>();

  /** The configuration was checked, so a document that is wrong is a mistake of ours and throws. */
  contract({ source, names, documents }: ContractPlan): Contract {
    this.#use(documents);
    if (source.kind === 'openapi') return this.#open(source.path).operations()(source.basePath);
    return inlineContract(source.schemas, names, (path) => this.#open(path).description);
  }

  /** Any of them may refer to any other, so one that has changed makes all of them strange. */
  #use(documents: GatewayConfig['documents']): void {
    if (documents === this.#documents) return;
    if (!isDeepStrictEqual(documents, this.#documents)) this.#opened = new Map();
    this.#documents = documents;
  }

  #open(path: string): Opened {
    const opened = this.#opened.get(path) ?? open(path, this.#documents);
    this.#opened.set(path, opened);
    return opened;
  }
}

function open(path: string, documents: GatewayConfig['documents']): Opened {
  const set = new DocumentSet();
  for (const [name, text] of Object.entries(documents)) set.add(name, () => JSON.parse(text) as unknown);
  const root = set.root(uriOf(path));
  if (root === undefined) throw new Error(`There is no document ${path}`);
  const description = new Description(set, uriOf(path), dialectOf(root) ?? 'schema');
  return { description, operations: lazy(() => compileOperations(description)) };
}

/** The check by a schema without references to anything outside; it is compiled when it is first used. */
export function valueCheck(schema: object): (value: unknown) => readonly Fault[] {
  const description = inPlace(schema);
  return description.check({ uri: description.uri, pointer: '' }, 'readOnly');
}
