import { isDeepStrictEqual } from 'node:util';
import type {
  Contract,
  ContractPlan,
  Contracts,
  toolsOfDocument,
  valueCheck,
} from '@turnpike/config/validation';
import { addressListsFrom, type AddressLists } from '../core/addresses/address-lists.ts';
import type { Desk, NewsStand } from '../core/desk.ts';
import type { Handler } from '../core/exchange.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { SharedProofs } from '../core/proof-memory.ts';
import { ReplayMemory } from '../core/replay-memory.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import { clientCertificateDer } from '../core/client-certificate.ts';
import { ConsumerDirectory } from '../identity/consumers/consumer-directory.ts';
import { IssuedKeys } from '../identity/consumers/issued-keys.ts';
import { PasswordChecks } from '../identity/consumers/password-checks.ts';
import { ThreadIdentities } from '../identity/identities.ts';
import { Logins } from '../identity/login/logins.ts';
import { IdentityTokens } from '../identity/signing/identity-tokens.ts';
import { publishKeys } from '../identity/signing/published-keys.ts';
import { proofsSeen } from '../identity/tokens/proofs-seen.ts';
import { TokenDesk } from '../identity/tokens/token-desk.ts';
import type { Access } from '../pipeline.ts';
import { PluginModules } from '../plugins/plugin-modules.ts';
import { routePlugins, type RoutePlugins } from '../plugins/route-plugins.ts';
import type { Compilers } from '../route-expressions.ts';
import type { LogFieldPorts } from '../route-log-fields.ts';
import { DecisionPoints, type OpenDecisions } from '../stages/authorize/external/decision-points.ts';
import { ServiceTokens } from '../stages/upstream-credentials/service-tokens.ts';
import type { GraphqlLibrary, Register } from '../stages/graphql/documents.ts';
import type { SnapshotData } from './protocol.ts';
import { ThreadSchemas } from './thread-schemas.ts';

/** What a thread learns and does through the supervisor. */
export interface AccessPorts {
  readonly desk: Desk;
  readonly news: NewsStand;
  readonly log: Log;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  /** How services that authorize are reached; without it over the network. */
  readonly openDecisions?: OpenDecisions;
  /** `ReplayMemory.allocate`. */
  readonly replays: SharedArrayBuffer;
  /** What other gateways have seen, where they share a store. */
  readonly sharedProofs?: () => SharedProofs | null;
  /** Of tests, which have plugins that are in no file. */
  readonly plugins?: PluginModules;
}

/** What is loaded where something is validated, or where operations become tools. */
interface Validation {
  readonly Contracts: typeof Contracts;
  readonly toolsOfDocument: typeof toolsOfDocument;
  readonly valueCheck: typeof valueCheck;
}

/** All that one thread knows of callers. It outlasts snapshots: what was verified before a reload is good after it. */
export class ThreadAccess {
  readonly #ports: AccessPorts;
  readonly #addresses: AddressLists;
  readonly #tokens: TokenDesk;
  readonly #passwords: PasswordChecks;
  readonly #issuedKeys: { readonly current: IssuedKeys } | null;
  #serviceTokens: ServiceTokens;
  #providers: SnapshotData['identityProviders'] = [];
  readonly #decisionPoints: DecisionPoints;
  readonly #signer: IdentityTokens;
  readonly #publishedKeys: Handler;
  #expressions: (Compilers & Pick<LogFieldPorts, 'compileLogField'>) | null = null;
  #contracts: Contracts | null = null;
  #validation: Validation | null = null;
  #graphql: GraphqlLibrary | null = null;
  readonly #schemas: ThreadSchemas;
  readonly #plugins: PluginModules;
  #routePlugins: RoutePlugins | null = null;

  constructor(ports: AccessPorts) {
    const { desk, news, clock, replays } = ports;
    this.#ports = ports;
    this.#plugins = ports.plugins ?? new PluginModules();
    this.#passwords = new PasswordChecks(clock);
    this.#addresses = addressListsFrom(news);
    this.#tokens = new TokenDesk({
      desk,
      news,
      clock,
      replays: proofsSeen(new ReplayMemory(replays, clock), ports.sharedProofs ?? (() => null)),
      clientCertificate: clientCertificateDer,
    });
    this.#issuedKeys = issuedKeysFrom(news);
    this.#serviceTokens = new ServiceTokens(desk, clock);
    this.#decisionPoints = new DecisionPoints(ports, ports.openDecisions);
    this.#signer = new IdentityTokens(news, clock);
    this.#publishedKeys = publishKeys(news, clock);
    this.#schemas = new ThreadSchemas(ports);
  }

  /** To be awaited before `of`. Expressions take 10 MB in each thread, so only who has one loads what they need. */
  async prepare(snapshot: SnapshotData): Promise<void> {
    const { hasExpressions, hasContracts, hasGraphql } = snapshot;
    if (hasExpressions) this.#expressions ??= await import('@turnpike/config/expression');
    if (hasGraphql) this.#graphql ??= await import('@turnpike/config/graphql');
    if (hasContracts) {
      this.#validation ??= await import('@turnpike/config/validation');
      this.#contracts ??= new this.#validation.Contracts();
    }
    await this.#plugins.prepare(snapshot);
    await this.#schemas.prepare(snapshot);
  }

  /** For a field of a log. After `prepare`. */
  compileLogField(text: string): ReturnType<LogFieldPorts['compileLogField']> {
    return this.#loaded.compileLogField(text);
  }

  /** Nothing is asked any more. */
  close(): void {
    this.#decisionPoints.close();
    this.#routePlugins?.retire();
  }

  /** What the routes of a snapshot need. */
  of(
    snapshot: SnapshotData,
  ): Omit<
    Access,
    | 'counters'
    | 'keyCounts'
    | 'gates'
    | 'protection'
    | 'breakerOf'
    | 'copies'
    | 'stickyKey'
    | 'cacheOf'
    | 'sharing'
  > {
    const { identityProviders, consumers, documents } = snapshot;
    const tokens = this.#tokens;
    // Another issuer or client under the same name gives other tokens.
    if (!isDeepStrictEqual(this.#providers, identityProviders))
      this.#serviceTokens = new ServiceTokens(this.#ports.desk, this.#ports.clock);
    this.#providers = identityProviders;
    tokens.use(identityProviders);
    const logins = new Logins(identityProviders, {
      ...this.#ports,
      verifyLogoutToken: (provider, token) => tokens.verifyLogoutToken(provider, token),
    });
    const identities = new ThreadIdentities({
      providers: identityProviders,
      tokens,
      sessions: logins,
      consumers: new ConsumerDirectory(consumers, this.#ports.clock, {
        checks: this.#passwords,
        issued: this.#issuedKeys,
      }),
    });
    const plugins = routePlugins({
      policyOf: this.#plugins.use(snapshot),
      log: this.#ports.log,
      clock: this.#ports.clock,
    });
    this.#routePlugins?.retire();
    this.#routePlugins = plugins;
    return {
      addresses: this.#addresses,
      identities,
      login: (provider) => logins.of(provider),
      decisionPoints: this.#decisionPoints,
      compilers: this.#compilers,
      graphql: { library: () => this.#graphqlLibrary, texts: documents, register: this.#register },
      compileContract: (plan) => this.#compileContract({ ...plan, documents }),
      tools: {
        api: (source) => this.#loadedValidation.toolsOfDocument({ ...source, documents }).tools,
        check: (schema) => this.#loadedValidation.valueCheck(schema),
      },
      serviceTokens: this.#serviceTokens,
      grpcSchemas: this.#schemas.use(snapshot),
      signer: this.#signer,
      publishedKeys: this.#publishedKeys,
      pluginsOf: (route, names) => plugins.of(route, names),
    };
  }

  /** Documents that clients register are known to all threads; without the supervisor, a client says its text once more. */
  readonly #register: Register = {
    add: (sha256, text) => void this.#ports.desk.run('register-document', { sha256, text }).catch(() => null),
    find: (sha256) => this.#ports.desk.run('find-document', { sha256 }).catch(() => null),
  };

  get #graphqlLibrary(): GraphqlLibrary {
    if (this.#graphql === null) throw new Error('The snapshot was not prepared');
    return this.#graphql;
  }

  #compileContract(plan: ContractPlan): Contract {
    if (this.#contracts === null) throw new Error('The snapshot was not prepared');
    return this.#contracts.contract(plan);
  }

  /** Loaded when a snapshot is prepared, and asked for after that. */
  readonly #compilers: Compilers = {
    compileExpression: (text) => this.#loaded.compileExpression(text),
    compileNumber: (text) => this.#loaded.compileNumber(text),
    compileText: (text) => this.#loaded.compileText(text),
  };

  get #loadedValidation(): Validation {
    if (this.#validation === null) throw new Error('The snapshot was not prepared');
    return this.#validation;
  }

  get #loaded(): Compilers & Pick<LogFieldPorts, 'compileLogField'> {
    if (this.#expressions === null) throw new Error('The snapshot was not prepared');
    return this.#expressions;
  }
}

/** Keys that are issued while the gateway runs; null: nobody issues any. */
function issuedKeysFrom(news: NewsStand): { readonly current: IssuedKeys } | null {
  const first = news.latest('issued-keys', '');
  if (first === null) return null;
  const holder = { current: new IssuedKeys(first) };
  news.subscribe('issued-keys', (next) => (holder.current = new IssuedKeys(next)));
  return holder;
}
