import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Loader } from '@turnpike/config/load';
import { Control, type GatewayPort } from '@turnpike/control';
import { logOf, type ProcessLog, type Supervisor } from '@turnpike/gateway';
import { routeIssues } from '../route-issues.ts';
import { turnpikeVersion } from '../version.ts';
import { insightInto } from './insight.ts';

/** Where the dashboard lies once it is built. */
const DASHBOARD = dirname(fileURLToPath(import.meta.resolve('@turnpike/dashboard/index.html')));

/** Makes the control plane of a gateway that is about to start with these files. */
export function controlPlane(paths: readonly string[], load: Loader, log: ProcessLog): Control {
  return new Control({
    paths,
    load,
    check: routeIssues,
    log: logOf(log, 'admin'),
    version: turnpikeVersion(),
    checkThread: new URL(import.meta.resolve('#check-thread')),
    dashboard: existsSync(DASHBOARD) ? DASHBOARD : null,
  });
}

/** Puts the control plane and the gateway together: the only place that knows both. */
export function steer(control: Control, gateway: Supervisor): Promise<void> {
  const { wheel } = gateway;
  const port: GatewayPort = {
    ...wheel,
    reload: (reason) => gateway.reload(reason),
    config: () => gateway.config,
  };
  return control.attach(port, insightInto(gateway));
}
