import type { IncomingMessage } from 'node:http';
import type { Issue } from '@turnpike/config';
import type { Entrance, LoginStep } from '../domain/entrance.ts';
import type { JsonObject, Kind, ObjectChange, ObjectRef, StoredObject } from '../domain/objects.ts';
import type { Clock, Log } from '../domain/ports.ts';
import type { Risk } from '../domain/revisions.ts';
import type { Store } from '../domain/store.ts';
import type { GatewayPort } from '../gateway-port.ts';

// What the admin API needs of everybody else. `control.ts` hands it in.

/** Everything together. */
export interface ApiPorts {
  readonly store: Store;
  readonly gateway: GatewayPort;
  readonly sessions: SessionPort;
  readonly rules: RulesPort;
  readonly insight: InsightPort;
  readonly log: Log;
  readonly clock: Pick<Clock, 'epoch'>;
  /** Bytes that nobody can guess. */
  readonly secretBytes: (count: number) => Uint8Array;
  /** What this gateway has of the database, which need not be read again. */
  readonly taken?: () => Taken;
  /** Of the product, for the OpenAPI document. */
  readonly version: string;
  /** Where the files of the dashboard lie; null: it is not there. */
  readonly dashboard: string | null;
  /** Most changes that a caller may make in a second for long, and at once. */
  readonly writes?: { readonly perSecond: number; readonly burst: number };
}

/** All objects at a revision. */
export interface Taken {
  readonly revision: number;
  /** The same list for as long as nothing changes. */
  readonly objects: readonly StoredObject[];
  /** `Position` of the store. */
  readonly history: string;
}

/** What an object is to become; `document` null: nothing. */
export interface Wish extends ObjectRef {
  readonly workspace: string;
  /** As people write it; `***` keeps the secret that was there. */
  readonly document: JsonObject | null;
}

/** What would come of wishes. */
export type Judgement =
  | {
      readonly kind: 'fits';
      /** Only what really changes, with secrets sealed. */
      readonly changes: readonly ObjectChange[];
      readonly risks: readonly Risk[];
      readonly warnings: readonly Issue[];
    }
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] };

/** An object that stands in a file. */
export interface FileObject extends ObjectRef {
  /** Without secrets. */
  readonly document: JsonObject;
  readonly file: string;
  readonly line: number;
}

/** How an object of the database does on this gateway. */
export interface ObjectStatus {
  readonly state: 'active' | 'quarantined' | 'shadowed';
  /** `''` when it is active. */
  readonly reason: string;
  /** The revision whose version is in use; null: none is. */
  readonly usedRevision: number | null;
}

/** A difference between two versions of an object; secrets are `***`. */
export interface FieldChange {
  /** JSON Pointer into the document. */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What was read of a document that brings objects. */
export type ReadObjects =
  | { readonly kind: 'read'; readonly objects: readonly (ObjectRef & { readonly document: JsonObject })[] }
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] };

/** How strictly wishes are judged. */
export interface JudgeOptions {
  /** A certificate may have ended: part of what was there before, which comes back as it was. */
  readonly takesExpired?: boolean;
}

/** The rules of the domain: what fits, what is secret, what files own. */
export interface RulesPort {
  /** What would come of wishes, with these objects in the database and the files as they are. Writes nothing. */
  judge(now: readonly StoredObject[], wishes: readonly Wish[], options?: JudgeOptions): Promise<Judgement>;
  /** What this gateway serves, and why that is not the newest that it was to take, or `''`. */
  standing(): { readonly revision: number; readonly problem: string };
  /** A document without its secrets. */
  shown(ref: ObjectRef, document: JsonObject): JsonObject;
  fields(change: ObjectChange): readonly FieldChange[];
  /** A configuration document, sections with objects: as JSON, or as text of YAML. */
  readDocument(sent: string | Readonly<Record<string, unknown>>): Promise<ReadObjects>;
  /** The same the other way round, without secrets. */
  writeDocument(objects: readonly (ObjectRef & { readonly document: JsonObject })[]): JsonObject;
  writeYaml(document: JsonObject): Promise<string>;
  fileObject(ref: ObjectRef): FileObject | null;
  /** In order of names. */
  fileObjects(kind: Kind): readonly FileObject[];
  status(object: StoredObject): ObjectStatus;
  /** Files and database merged as they are in use, without secrets; null: nothing was loaded yet. */
  effective(): Promise<JsonObject | null>;
}

/** Sessions of browsers. */
export interface SessionPort {
  /** What the page sends back in `X-CSRF-Token` with each change; null: the caller has no session. */
  csrf(request: IncomingMessage): string | null;
  /** Whether it carries that token, or needs none. */
  mayChange(request: IncomingMessage): boolean;
  enter(request: IncomingMessage, token: string): Promise<Entrance>;
  /** Gives the cookies that end it. */
  leave(request: IncomingMessage): Promise<readonly string[]>;
  login(request: IncomingMessage): Promise<LoginStep>;
  callback(request: IncomingMessage): Promise<LoginStep>;
}

/** A request to explain. */
export interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a gateway knows of itself and tells people. Plain JSON. */
export interface InsightPort {
  /** Which route takes a request, and why; null: the URL cannot be one. */
  explain(question: Question): Promise<object | null>;
  topology(): Promise<object>;
  status(): object;
}
