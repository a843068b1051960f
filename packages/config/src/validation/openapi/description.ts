import { lazy } from '../lazy.ts';
import { type Check } from '../fault.ts';
import { SchemaEngine } from '../schema-engine.ts';
import { shapeOf, type ValueShape } from '../value-shape.ts';
import { addressOf, type DocumentSet, type Place } from './document-set.ts';
import type { Refused } from './refused-properties.ts';
import { translatedDocuments, type Dialect } from './translate.ts';

/** A document, what it refers to, and the checks that its schemas make. */
export class Description {
  readonly documents: DocumentSet;
  /** Of the main document. */
  readonly uri: string;
  readonly dialect: Dialect;
  readonly #engines: Readonly<Record<Refused, () => SchemaEngine>>;

  constructor(documents: DocumentSet, uri: string, dialect: Dialect) {
    this.documents = documents;
    this.uri = uri;
    this.dialect = dialect;
    const engine = (refused: Refused) => lazy(() => this.#open(refused));
    this.#engines = { readOnly: engine('readOnly'), writeOnly: engine('writeOnly') };
  }

  /** The place that a reference leads to, or the place itself; null if that is nowhere. */
  follow(place: Place): Place | null {
    return this.documents.follow(place);
  }

  at(pointer: string): Place | null {
    return this.documents.at(this.uri, pointer);
  }

  /** The check by the schema at a place, compiled when it is first used; `refused` says for which direction. */
  check(schema: Omit<Place, 'value'>, refused: Refused): Check {
    const check = lazy(() => this.compile(schema, refused));
    return (value) => check()(value);
  }

  /** Compiles the schema at a place now. Throws if it makes no sense. */
  compile(schema: Omit<Place, 'value'>, refused: Refused): Check {
    return this.#engines[refused]().check(addressOf(schema));
  }

  /** What the schema at a place takes. */
  shape(schema: Place): ValueShape {
    return shapeOf([schema], this.documents);
  }

  #open(refused: Refused): SchemaEngine {
    const { dialect } = this;
    const direction = dialect === 'schema' ? null : refused;
    return new SchemaEngine(
      translatedDocuments(this.documents, this.uri, { dialect, refused: direction }),
      direction,
    );
  }
}
