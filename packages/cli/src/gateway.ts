// What the command line uses of the data plane, beside its door: how it reads a request and finds its route.

export type {
  CacheEntries,
  CacheEntryView,
  CachePurged,
  CacheStats,
} from '../../gateway/src/admin/cache-port.ts';
export type { TraceView } from '../../gateway/src/admin/live-port.ts';
export { DEBUG_FIELD, debugToken, LONGEST_DEBUG_MS } from '../../gateway/src/core/debug-token.ts';
export { ERRORS, type ErrorCode } from '../../gateway/src/core/errors.ts';
export { parseAuthority } from '../../gateway/src/core/http/host.ts';
export { normalisePath, type NormalisedTarget } from '../../gateway/src/core/http/path.ts';
export { compileTemplate } from '../../gateway/src/core/template.ts';
export { compileRoutes } from '../../gateway/src/match/compile-routes.ts';
export { type Candidate, explainMatch } from '../../gateway/src/match/explain-match.ts';
export { type Match, type MatchInput, newMatch } from '../../gateway/src/match/match.ts';
export { openRouteTable } from '../../gateway/src/match/route-table.ts';
export { prometheusRules } from '../../gateway/src/observe/alerts/prometheus-rules.ts';
export { grafanaDashboard } from '../../gateway/src/observe/dashboard/dashboard.ts';
export { pluginTrial } from '../../gateway/src/plugins/try-plugins.ts';
export { withoutPrefix } from '../../gateway/src/stages/rewrite/rewrite.ts';
export { compileBindings, type Bindings } from '../../gateway/src/translate/grpc/transcode/bindings.ts';
export { serviceApi } from '../../gateway/src/service-api.ts';
export type { OpenApi } from '../../gateway/src/translate/grpc/transcode/openapi.ts';
export { offlineSchema } from '../../gateway/src/translate/grpc/offline-schema.ts';
export { watchFiles } from '../../gateway/src/threads/watch-files.ts';
export { sourceAddress } from '../../gateway/src/upstream/discover/source-address.ts';
