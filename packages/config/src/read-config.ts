import { crossChecks } from './checks/checks.ts';
import { compareIssues, type Draft, type Issue } from './issue.ts';
import { type Path, pointerOf } from './path.ts';
import { addedRoutes } from './resolve/added-routes.ts';
import { resolveAdmin } from './resolve/admin.ts';
import { resolveApis } from './resolve/apis.ts';
import { resolveSecurityHeaders } from './resolve/browser-policies.ts';
import { resolveCertificates } from './resolve/certificates.ts';
import { type CertificateUse, certificateUses } from './resolve/certificate-uses.ts';
import { type DescriptorUse, descriptorUses } from './resolve/descriptor-uses.ts';
import { type DocumentUse, documentUses, type SchemaUse, schemaUses } from './resolve/document-uses.ts';
import { type GraphqlUse, graphqlUses } from './resolve/graphql.ts';
import { type PluginUse, pluginUses } from './resolve/plugins.ts';
import { resolveConsumers } from './resolve/consumers.ts';
import { resolveIdentityProviders } from './resolve/identity-providers.ts';
import { resolveListeners } from './resolve/listeners.ts';
import { resolveLists } from './resolve/lists.ts';
import { resolveRoutes } from './resolve/routes.ts';
import { resolveRuntime, resolveTelemetry } from './resolve/runtime.ts';
import { resolveServices } from './resolve/services.ts';
import { resolveStores } from './resolve/stores.ts';
import type { Context } from './resolve/context.ts';
import type { GatewayConfig } from './resolved.ts';
import { documentSchema, type ResolvedDocument } from './schema/document.ts';
import { asJsonSchema } from './schema/typebox.ts';
import { keepSame } from './same.ts';
import { merge, type Merged, originOf } from './source/merge.ts';
import { type Source, START } from './source/source.ts';
import { compile } from './walk/compile.ts';
import { refusedFiles } from './refused-files.ts';
import { referenceAt, startWalk } from './walk/walk.ts';

/** A configuration, or what is wrong with it. Warnings do not stand in the way of a configuration. */
export interface ReadConfig {
  readonly config: GatewayConfig | null;
  /** In order of reading. */
  readonly issues: readonly Issue[];
}

/** Makes a path absolute that is relative to a file. The browser has no paths, so it is given from outside. */
export type ResolvePath = (fromFile: string, path: string) => string;

const NOTHING_FOUND: FoundInFiles = { faults: [], digests: {}, certificates: {}, plugins: {} };

const schema = asJsonSchema(documentSchema);
const sections = Object.keys(schema.properties ?? {});
const reader = compile(schema);

/** What others have found in the files. */
export interface FoundInFiles {
  readonly faults: readonly Draft[];
  readonly digests: Context['digests'];
  readonly certificates: Context['certificates'];
  readonly plugins: Context['plugins'];
  /** The configuration before, if there was one: what says the same in both stays the same object. */
  readonly before?: GatewayConfig | null;
}

/** A configuration that was read but for the files that it names. */
export interface OpenConfig {
  readonly merged: Merged;
  /** The files, and the schemas that are written in place: both are for others to check. */
  readonly documents: readonly DocumentUse[];
  readonly schemas: readonly SchemaUse[];
  readonly certificates: readonly CertificateUse[];
  readonly graphql: readonly GraphqlUse[];
  readonly descriptors: readonly DescriptorUse[];
  readonly plugins: readonly PluginUse[];
  /** The rest, with their texts by absolute path, as far as somebody could read them, and with what is wrong with them. */
  readonly finish: (texts: GatewayConfig['documents'], found?: FoundInFiles) => ReadConfig;
}

/**
 * Turns parsed files into a configuration. Pure: reads no file, no environment, no clock.
 *
 * 1. merge the files, 2. read the document by its schema, 3. give it its final shape, 4. check what a schema
 * cannot say, 5. find the places of what is wrong. All steps run even if an earlier one found faults. What files the
 * configuration names is known after the second.
 */
export function openConfig(
  sources: readonly Source[],
  resolvePath: ResolvePath = (_file, path) => path,
): OpenConfig {
  // 1.
  const merged = merge(sources);
  // 2.
  const drafts: Draft[] = [];
  const document = reader.read(
    merged.document,
    startWalk(merged.references, drafts, sections),
  ) as ResolvedDocument;
  const refused = refusedFiles((draft) => drafts.push(draft));
  const absolute: Context['absolute'] = (at, path) => {
    const owner = merged.ownerOf(at);
    if (owner?.placeFile === undefined) return resolvePath(owner?.file ?? merged.main, path);
    return owner.placeFile(path) ?? refused.refuse(at, path);
  };
  const absoluteToMain = (path: string): string => resolvePath(merged.main, path);
  return {
    merged,
    documents: documentUses(document, absolute).filter(refused.isAllowed),
    schemas: schemaUses(document),
    certificates: certificateUses(document, absolute).filter(refused.isAllowed),
    graphql: graphqlUses(document, absolute).filter(refused.isAllowed),
    descriptors: descriptorUses(document, absolute).filter(refused.isAllowed),
    plugins: pluginUses(document, absolute).filter(refused.isAllowed),
    finish: (documents, { faults, digests, certificates, plugins, before = null } = NOTHING_FOUND) => {
      // 3.
      const late: Draft[] = [];
      const resolved = resolve(document, {
        originOf: (section, name) => originOf(merged, section, name),
        absolute,
        absoluteToMain,
        documents,
        digests,
        certificates,
        plugins,
        report: (draft) => late.push(draft),
      });
      const config = before === null ? resolved : keepSame(before, resolved);
      // 4.
      late.push(...crossChecks(config, (path) => referenceAt(merged.references, path), document));
      // 5.
      const early = [...drafts, ...faults];
      return asRead(config, [...early, ...withoutEchoes(late, early)], merged);
    },
  };
}

/** A configuration, if nothing that was found is an error; and what was found, in its places. */
function asRead(config: GatewayConfig, drafts: readonly Draft[], merged: Merged): ReadConfig {
  const issues = [
    ...withoutGuesses(drafts).map((draft) => place(draft, merged)),
    ...merged.conflicts.map(({ draft, source }) => placeIn(draft, source)),
  ].sort(compareIssues);
  const isValid = issues.every(({ severity }) => severity !== 'error');
  return { config: isValid ? deepFreeze(config) : null, issues };
}

/** The same at once, with the texts that are there already. */
export function readConfig(
  sources: readonly Source[],
  resolvePath?: ResolvePath,
  documents: GatewayConfig['documents'] = {},
): ReadConfig {
  return openConfig(sources, resolvePath).finish(documents);
}

function resolve(document: ResolvedDocument, context: Context): GatewayConfig {
  const providers = resolveIdentityProviders(document, context);
  const routes = [...resolveRoutes(document, context), ...resolveApis(document, context)];
  return {
    listeners: resolveListeners(document, context),
    certificates: resolveCertificates(document, context),
    services: resolveServices(document, context),
    identityProviders: providers,
    consumers: resolveConsumers(document, context),
    stores: resolveStores(document, context),
    documents: { ...context.documents },
    lists: resolveLists(document, context),
    routes: [...routes, ...addedRoutes(document, context, { providers, routes })],
    unrouted: { securityHeaders: resolveSecurityHeaders(document.defaults.policies.securityHeaders) },
    admin: resolveAdmin(document, context),
    telemetry: resolveTelemetry(document, context, routes),
    runtime: resolveRuntime(document, context),
  };
}

/**
 * Drops what only follows from a fault that is already reported: a service whose endpoints are malformed
 * has no endpoints, but telling that too would send people looking for a second mistake.
 */
function withoutEchoes(late: readonly Draft[], reported: readonly Draft[]): readonly Draft[] {
  const errors = reported.filter(({ severity = 'error' }) => severity === 'error');
  if (errors.length === 0) return late;
  const faulty = new Set(errors.map(({ path }) => pointerOf(path)));
  const above = new Set(errors.flatMap(({ path }) => ancestors(path)));
  const isUnread = (path: Path): boolean =>
    [path, ...parents(path)].some((one) => faulty.has(pointerOf(one)));
  return late.filter(({ path, from = [] }) => !above.has(pointerOf(path)) && ![path, ...from].some(isUnread));
}

/** What has no effect has none because something else is missing; and as long as there are faults, that may be one of them. */
function withoutGuesses(drafts: readonly Draft[]): readonly Draft[] {
  const isFaulty = drafts.some(({ severity = 'error' }) => severity === 'error');
  return isFaulty ? drafts.filter(({ code }) => code !== 'NO_EFFECT') : drafts;
}

function ancestors(path: Path): string[] {
  return parents(path).map(pointerOf);
}

function parents(path: Path): Path[] {
  return path.map((_, index) => path.slice(0, index));
}

function place(draft: Draft, merged: Merged): Issue {
  const source = merged.ownerOf(draft.path);
  if (source !== undefined) return placeIn(draft, source);
  return issueOf(draft, { file: merged.main, ...START });
}

function placeIn(draft: Draft, source: Source): Issue {
  return issueOf(draft, { file: source.file, ...source.locate(draft.path, draft.at ?? 'value') });
}

function issueOf(draft: Draft, place: { file: string; line: number; column: number }): Issue {
  const { code, message, path, severity = 'error', expected, suggestion } = draft;
  const hints = {
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
  return { code, message, ...place, pointer: pointerOf(path), severity, ...hints };
}

/** Stops at what is frozen already: defaults are shared by all who use them. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
