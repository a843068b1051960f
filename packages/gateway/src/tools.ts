// The second door of the package, for those who look at a gateway without running it, the command line above all: how it reads a
// request and finds its route, what it would answer, what its admin API says.

export type { CacheEntries, CacheEntryView, CachePurged, CacheStats } from './admin/cache-port.ts';
export type {
  ConcurrencyState,
  ConcurrencyView,
  LimitList,
  LimitState,
  LimitView,
} from './admin/limit-port.ts';
export type { AlertView } from './observe/alerts/alert-book.ts';
export type { SilenceView } from './observe/alerts/silence.ts';
export type { TraceView } from './admin/live-port.ts';
export { DEBUG_FIELD, debugToken, LONGEST_DEBUG_MS } from './core/debug-token.ts';
export { ERRORS, type ErrorCode } from './core/errors.ts';
export { parseAuthority } from './core/http/host.ts';
export { normalisePath, type NormalisedTarget } from './core/http/path.ts';
export { limitKeyText } from './core/limit-key-text.ts';
export { compileTemplate } from './core/template.ts';
export { checkRoutes, compileRoutes } from './match/compile-routes.ts';
export { type Candidate, explainMatch } from './match/explain-match.ts';
export { type Match, type MatchInput, newMatch } from './match/match.ts';
export { openRouteTable } from './match/route-table.ts';
export { prometheusRules } from './observe/alerts/prometheus-rules.ts';
export { grafanaDashboard } from './observe/dashboard/dashboard.ts';
export { pluginTrial } from './plugins/try-plugins.ts';
export { withoutPrefix } from './stages/rewrite/rewrite.ts';
export { compileBindings, type Bindings } from './translate/grpc/transcode/bindings.ts';
export { serviceApi } from './service-api.ts';
export type { OpenApi } from './translate/grpc/transcode/openapi.ts';
export { offlineSchema } from './translate/grpc/offline-schema.ts';
export { watchFiles } from './threads/watch-files.ts';
export type { ListedInstance } from './upstream/discover/instance.ts';
export { sourceAddress } from './upstream/discover/source-address.ts';
