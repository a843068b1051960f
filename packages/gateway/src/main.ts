// The door of the package: how a gateway is started. Everything else is inside.

export { logOf } from './core/log-component.ts';
export {
  openProcessLog,
  type LogLevel,
  type ProcessLog,
  type ProcessLogOptions,
} from './observe/process-log.ts';
export { pluginTrial } from './plugins/try-plugins.ts';
export { ConfigRejected, StartFailed } from './threads/beginning.ts';
export type { ReloadResult } from './threads/reload-result.ts';
export type { SuperviseOptions } from './threads/supervise-options.ts';
export { supervise } from './threads/supervise.ts';
export { EXIT_CUT, type StopSignal, type Supervisor } from './threads/supervisor.ts';
export { untilStopped } from './threads/until-stopped.ts';
