import { hash } from 'node:crypto';
import type { GraphqlConfig } from '@turnpike/config';
import type { GraphqlDocument, OpenSchema, PersistedOperations } from '@turnpike/config/graphql';
import { Remembered } from '../../core/remembered.ts';
import type { GraphqlRequest } from './request.ts';
import { violation, type Violation } from './violation.ts';

/** `@turnpike/config/graphql`, which is loaded only where a route speaks GraphQL. */
export type GraphqlLibrary = Pick<
  typeof import('@turnpike/config/graphql'),
  | 'openDocument'
  | 'operationOf'
  | 'namedOperation'
  | 'operationVariables'
  | 'measure'
  | 'openSchema'
  | 'persistedOperations'
  | 'isTooLong'
>;

/** A document that was read, and checked as far as that can be done without knowing the variables. */
export type ReadDocument =
  | { readonly kind: 'document'; readonly document: GraphqlDocument }
  | { readonly kind: 'refused'; readonly violation: Violation };

/** What documents take in memory, in characters of their texts: most are asked for again and again. */
const MAX_REMEMBERED = 4_000_000;
/** What clients may register, in characters. */
const MAX_REGISTERED = 4_000_000;

/** Where documents that clients register are kept for all threads. */
export interface Register {
  /** Its SHA-256 was verified. */
  add(sha256: string, text: string): void;
  /** Null: nobody has registered it. Never rejects. */
  find(sha256: string): Promise<string | null>;
}

/** What documents are read with. */
export interface DocumentPorts {
  /** Loaded when a snapshot is prepared. */
  readonly library: () => GraphqlLibrary;
  /** The files that the configuration names, by path. */
  readonly texts: Readonly<Record<string, string>>;
  readonly register: Register;
}

/** The documents of one route: those that are known beforehand, those that clients register, and all that were read lately. */
export class Documents {
  readonly schema: OpenSchema | null;
  readonly #config: GraphqlConfig;
  readonly #library: GraphqlLibrary;
  readonly #persisted: PersistedOperations | null;
  readonly #register: Register;
  readonly #registered = new Remembered<string>(MAX_REGISTERED, (_, text) => text.length + 64);
  readonly #read = new Remembered<ReadDocument>(MAX_REMEMBERED, (text) => text.length + 256);

  constructor(config: GraphqlConfig, { library: open, texts, register }: DocumentPorts) {
    const library = open();
    this.#config = config;
    this.#library = library;
    this.#register = register;
    this.#persisted =
      config.persisted === null ? null : library.persistedOperations(texts[config.persisted.path] ?? '{}');
    this.schema = config.schema === null ? null : this.#openSchema(texts[config.schema] ?? '""');
  }

  /** The names that are known beforehand; others come from clients. */
  get isClosed(): boolean {
    return this.#config.persisted?.only === true;
  }

  /** The document that is asked for, as text, or why there is none. */
  async textOf({ query, documentId, sha256 }: GraphqlRequest): Promise<string | Violation> {
    const persisted = this.#persisted?.byId;
    const named = documentId ?? sha256;
    const known = named === null ? undefined : (persisted?.get(named) ?? persisted?.get(named.toLowerCase()));
    if (query === null) {
      const text = known ?? (sha256 === null ? null : await this.#find(sha256));
      return text ?? (this.isClosed ? violation('unknown-operation') : violation('not-registered'));
    }
    if (known !== undefined && known !== query) return violation('other-document');
    if (sha256 !== null && sha256 !== hash('sha256', query)) return violation('other-document');
    if (this.isClosed && persisted?.has(hash('sha256', query)) !== true)
      return violation('unknown-operation');
    if (sha256 !== null && this.#config.automatic) this.#add(sha256, query);
    return query;
  }

  read(text: string): ReadDocument {
    const known = this.#read.get(text);
    if (known !== undefined) return known;
    const read = this.#open(text);
    this.#read.set(text, read);
    return read;
  }

  #add(sha256: string, text: string): void {
    if (this.#registered.get(sha256) !== undefined) return;
    this.#registered.set(sha256, text);
    this.#register.add(sha256, text);
  }

  /** Another thread may have it. */
  async #find(sha256: string): Promise<string | null> {
    if (!this.#config.automatic) return null;
    const text = this.#registered.get(sha256) ?? (await this.#register.find(sha256));
    if (text !== null) this.#registered.set(sha256, text);
    return text;
  }

  #open(text: string): ReadDocument {
    const document = this.#library.openDocument(text, this.#config.maxTokens);
    if (typeof document === 'string') {
      const reason = this.#library.isTooLong(document) ? 'tokens' : 'syntax';
      return { kind: 'refused', violation: violation(reason, document) };
    }
    const faults = this.schema?.faultsOf(document) ?? [];
    if (faults.length > 0) return { kind: 'refused', violation: violation('invalid', ...faults) };
    return { kind: 'document', document };
  }

  #openSchema(json: string): OpenSchema {
    const schema = this.#library.openSchema(JSON.parse(json) as string);
    if (typeof schema === 'string') throw new Error(`The schema was not checked: ${schema}`);
    return schema;
  }
}
