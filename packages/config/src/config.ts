// The door of the package. Pure: runs in a browser too. What reads files is in `load.ts`.

export { defineTests } from './cases/define-tests.ts';
export { defineConfig } from './define.ts';
export { type Change, diffConfig } from './diff.ts';
export { codeFrame, formatIssue, type Issue, type IssueCode, type Position } from './issue.ts';
export { parseDuration } from './format/duration.ts';
export {
  readEndpointEntry,
  type EndpointEntry,
  type EntryFault,
  type ReadEntry,
} from './format/endpoint-entry.ts';
export { LOG_COMPONENTS, type LogComponent } from './log-components.ts';
export { isLoopback } from './format/ip.ts';
export { parametersOf, shapeOf, WILDCARD_NAME } from './format/path-pattern.ts';
export { isSame } from './same.ts';
export { parseSize } from './format/size.ts';
export { certificateKey, certificatesFor } from './resolve/certificates.ts';
export { servicesOf } from './resolve/target-services.ts';
export { readConfig, type ReadConfig, type ResolvePath } from './read-config.ts';
export type {
  AddressBlock,
  AddressListConfig,
  AddressRuleConfig,
  AdminConfig,
  AdminGrant,
  AdminLoginConfig,
  AdminTlsConfig,
  AdminRole,
  AdminRoleClaims,
  AuthenticateConfig,
  AuthorizeConfig,
  Balancer,
  CircuitBreakerConfig,
  DiscoveryConfig,
  FallbackConfig,
  FaultConfig,
  HashKeyConfig,
  HealthCheckConfig,
  HedgeConfig,
  MirrorConfig,
  OutlierDetectionConfig,
  GrpcCondition,
  RetryCondition,
  RetryConfig,
  SplitConfig,
  StickyConfig,
  ClaimRuleConfig,
  ClientCertificateConfig,
  ConcurrencyConfig,
  ConsumerConfig,
  CorsConfig,
  CredentialSource,
  DatabaseConfig,
  EndpointConfig,
  ErrorBodyConfig,
  EventStreamConfig,
  ExternalAuthorizationConfig,
  GatewayConfig,
  GraphqlOperationConfig,
  GrpcTranscodeConfig,
  GrpcWebConfig,
  SoapConfig,
  HttpBindingConfig,
  HttpRulesConfig,
  TranslateConfig,
  DpopNonceConfig,
  IdentityProviderConfig,
  InlineSchemas,
  IpAccessConfig,
  JwsAlgorithm,
  KeyPairFiles,
  ListenerConfig,
  AcmeCertificateConfig,
  AcmeStorageConfig,
  ListenerCertificateConfig,
  NamedCertificateConfig,
  ListenerTlsConfig,
  LimitKeyConfig,
  ListenerLimits,
  LoginConfig,
  LoginStep,
  MatchConfig,
  OAuthClientConfig,
  Origin,
  PemFile,
  PoliciesConfig,
  PolicyMode,
  Priority,
  PriorityConfig,
  RateLimitConfig,
  RedisConfig,
  CacheStoreConfig,
  WarmStartConfig,
  RedirectStatus,
  RewriteConfig,
  RouteConfig,
  RuntimeConfig,
  SecurityHeadersConfig,
  ServiceConcurrency,
  ServiceConfig,
  ServiceTlsConfig,
  SocketAddress,
  TargetConfig,
  StoresConfig,
  OtlpConfig,
  TelemetryConfig,
  TracesConfig,
  UpstreamCredentialsConfig,
  GraphqlConfig,
  ValidateConfig,
  ValueMatch,
  WebsocketConfig,
} from './resolved.ts';
export type {
  CompressConfig,
  CompressionCoding,
  FieldChanges,
  QueryChanges,
  TemplateEntry,
  TransformConfig,
} from './resolved/messages.ts';
export type {
  AlertConfig,
  AlertSeverity,
  ObjectiveConfig,
  ThresholdConfig,
  WebhookConfig,
} from './resolved/alerts.ts';
export type { PluginConfig } from './resolved/plugins.ts';
export type { CacheConfig, CacheKeyConfig } from './resolved/cache.ts';
export type {
  AccessLogConfig,
  LogDestination,
  LogFieldConfig,
  LogFormat,
  LogLevel,
  LogRotationConfig,
  ProgramLogConfig,
} from './resolved/access-log.ts';
export type {
  McpAccessConfig,
  McpConfig,
  McpOffer,
  McpServerConfig,
  McpToolsConfig,
  ProtectedResourceConfig,
} from './resolved/mcp.ts';
export type { TestDocument } from './cases/schema.ts';
export type { GatewayDocument } from './schema/document.ts';
export { configSchema, testFileSchema, type PublishedSchema } from './schema/publish.ts';
export { secretPaths } from './schema/secret-paths.ts';
export { dotted, type Path, pointerOf } from './path.ts';
export { hasSameParts } from './same-parts.ts';
export { plainSource, type Source } from './source/source.ts';
