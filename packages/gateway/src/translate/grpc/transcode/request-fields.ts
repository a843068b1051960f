import type { GrpcTranscodeConfig } from '@turnpike/config';
import type { Violation } from '@turnpike/config/validation';
import { MessageFault } from '../../../core/grpc-schema.ts';
import type { Binding } from './binding.ts';
import { captureOf } from './captures.ts';
import { leafAt, type Leaf } from './field-path.ts';
import { FieldTree } from './field-tree.ts';

/** What of a message the path and the query say: its bytes, or what is wrong with them. */
export type RequestFields = Uint8Array | readonly Violation[];

/** What a request says beside its body. */
export interface RequestTarget {
  /** Of the path, as the templates saw them. */
  readonly segments: readonly string[];
  /** With its leading `?`, or `''`. */
  readonly query: string;
}

/** Which parameters are left alone. */
export type QueryRules = Pick<GrpcTranscodeConfig, 'unknownQuery' | 'ignoredQuery'>;

const NOTHING = new Uint8Array(0);

/** Reads the fields that a request has in its path and its query. */
export function requestFields(binding: Binding, target: RequestTarget, rules: QueryRules): RequestFields {
  if (binding.variables.length === 0 && target.query.length <= 1) return NOTHING;
  const reader = new FieldsReader(binding, rules);
  reader.readPath(target.segments);
  reader.readQuery(target.query);
  return reader.finish();
}

class FieldsReader {
  readonly #binding: Binding;
  readonly #rules: QueryRules;
  readonly #tree = new FieldTree();
  readonly #violations: Violation[] = [];
  /** Names of fields, joined by `/`, and where they were given. */
  readonly #places = new Map<string, Pick<Violation, 'in' | 'parameter'>>();

  constructor(binding: Binding, rules: QueryRules) {
    this.#binding = binding;
    this.#rules = rules;
  }

  readPath(segments: readonly string[]): void {
    for (const { variable, leaf } of this.#binding.variables)
      this.#add(leaf, captureOf(variable, segments), { in: 'path', parameter: variable.field.join('.') });
  }

  readQuery(query: string): void {
    for (const pair of query.slice(1).split('&')) {
      if (pair === '') continue;
      if (this.#violations.length >= MAX_TOLD) return;
      const equals = pair.indexOf('=');
      const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
      const value = equals === -1 ? '' : decoded(pair.slice(equals + 1));
      if (name !== null) this.#parameter(name, value);
      else this.#violations.push({ detail: 'has a name that is not text', in: 'query', keyword: 'encoding' });
    }
  }

  finish(): RequestFields {
    if (this.#violations.length > 0) return this.#violations;
    if (this.#tree.isEmpty) return NOTHING;
    try {
      return this.#binding.method.input.fromJson(this.#tree.json());
    } catch (error) {
      if (!(error instanceof MessageFault)) throw error;
      return [{ detail: error.message, ...this.#placeOf(error.pointer), keyword: 'type' }];
    }
  }

  #parameter(name: string, value: string | null): void {
    if (name.startsWith('$') || this.#rules.ignoredQuery.includes(name)) return;
    const place = { in: 'query', parameter: name.slice(0, MAX_NAME_LENGTH) } as const;
    const leaf = this.#queryLeaf(name.split('.'));
    if (typeof leaf !== 'string') this.#add(leaf, value, place);
    else if (this.#rules.unknownQuery === 'refuse')
      this.#violations.push({ detail: leaf, ...place, keyword: 'unknown' });
  }

  /** A field that is neither in the path nor in the body (google.api.HttpRule): those are not for the query. */
  #queryLeaf(path: readonly string[]): Leaf | string {
    const { body, method, variables } = this.#binding;
    if (body.kind === 'message' || (body.kind === 'raw' && body.tag === null))
      return 'is not for the query: the body is all of the message';
    const leaf = leafAt(method.input.fields, path);
    if (typeof leaf === 'string') return leaf;
    if (body.kind !== 'none' && leaf.names[0] === body.name) return 'is not for the query: it is in the body';
    const isInPath = variables.some((bound) => bound.leaf.names.join('.') === leaf.names.join('.'));
    return isInPath ? 'is not for the query: it is in the path' : leaf;
  }

  #add(leaf: Leaf, text: string | null, place: Pick<Violation, 'in' | 'parameter'>): void {
    if (text === null) {
      this.#violations.push({ detail: 'is not text', ...place, keyword: 'encoding' });
      return;
    }
    this.#places.set(leaf.names.join('/'), place);
    const wrong = this.#tree.add(leaf, text);
    if (wrong === 'type')
      this.#violations.push({ detail: 'must be true or false', ...place, keyword: 'type' });
    if (wrong === 'duplicate')
      this.#violations.push({ detail: 'is given twice', ...place, keyword: 'duplicate' });
  }

  /** The parameter in which a field was given: its pointer, or what surrounds it. */
  #placeOf(pointer: string): Pick<Violation, 'in' | 'parameter'> {
    for (let key = pointer.slice(1); key !== ''; key = key.slice(0, Math.max(0, key.lastIndexOf('/')))) {
      const place = this.#places.get(key);
      if (place !== undefined) return place;
    }
    return { in: 'query' };
  }
}

/** However much is wrong with a query, no more of it is told; names are the client's, and may be long. */
const MAX_TOLD = 50;
const MAX_NAME_LENGTH = 256;

/** A part of a query as a form has it (URL Standard §5.1), or null if it is not text. */
function decoded(text: string): string | null {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
