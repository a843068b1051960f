import type { GatewayConfig, Issue } from '@turnpike/config';
import { type Command, configOption } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { EXIT } from '../exit-codes.ts';
import { loadAndCheck } from '../load.ts';
import { issueSummary, printIssues } from '../output/issues.ts';
import { plural } from '../output/plural.ts';
import type { Outputs } from '../output/terminal.ts';

/** `turnpike check`. */
export const check: Command = {
  name: 'check',
  summary: 'check a configuration, and say all that is wrong with it',
  description:
    'Reads a configuration as "start" would, with its environment variables and secret files, and reports every issue with ' +
    'file, line and column: unknown keys and what was probably meant, wrong types, names that do not exist, routes that can ' +
    'never be reached. Opens no port and connects to nothing. Warnings leave the exit code at 0.',
  parameters: [{ name: 'FILE', count: 'any', about: 'files or directories of the configuration' }],
  options: [
    configOption,
    { name: 'json', value: { kind: 'none' }, about: 'print one JSON document, for programs' },
  ],
  examples: [
    { line: 'turnpike check', about: 'gateway.yaml, in this directory' },
    { line: 'turnpike check base.yaml routes/', about: 'several files, merged' },
    { line: "turnpike check --json | jq -r '.issues[].message'", about: 'in a pipeline' },
  ],
  exitCodes: [EXIT.ok, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const paths = chooseConfig([...given.words, ...given.list('config')]);
    const { config, issues } = await loadAndCheck(paths);
    if (given.has('json')) outputs.out.print(asJson(config, issues));
    else report(paths, { config, issues }, outputs);
    return config === null ? EXIT.configuration : EXIT.ok;
  },
};

interface Findings {
  readonly config: GatewayConfig | null;
  readonly issues: readonly Issue[];
}

function report(paths: readonly string[], { config, issues }: Findings, { out }: Outputs): void {
  printIssues(issues, out);
  const name = paths.join(', ');
  if (config === null) {
    out.print(`${out.paint(['bold', 'red'], 'not usable:')} ${name} has ${issueSummary(issues)}`);
    return;
  }
  const remarks = issues.length === 0 ? '' : `; ${issueSummary(issues)}`;
  out.print(`${out.paint(['bold', 'green'], 'ok:')} ${name}: ${countText(config)}${remarks}`);
  for (const line of fetchedCertificates(config)) out.print(line);
}

/** Certificates that only a running gateway can have: nobody but their authority knows whether it comes. */
function fetchedCertificates({ listeners }: GatewayConfig): string[] {
  return listeners.flatMap(({ id, tls }) =>
    (tls?.certificates ?? []).flatMap((one) =>
      one.kind === 'files'
        ? []
        : [
            `listeners.${id}: a certificate for ${one.domains.join(', ')} is fetched from ${one.directory} by ${one.challenge}`,
          ],
    ),
  );
}

function countText(config: GatewayConfig): string {
  const { listeners, routes, services, endpoints, discovered } = countsOf(config);
  const elsewhere = discovered === 0 ? '' : ` (${discovered} with discovery)`;
  return [
    plural(listeners, 'listener'),
    plural(routes, 'route'),
    plural(services, 'service') + elsewhere,
    plural(endpoints, 'endpoint'),
  ].join(', ');
}

/** How much there is of what; `discovered` are the services whose endpoints only a running gateway knows. */
function countsOf({ listeners, services, routes }: GatewayConfig) {
  return {
    listeners: listeners.length,
    routes: routes.length,
    services: services.length,
    endpoints: services.reduce((sum, service) => sum + service.endpoints.length, 0),
    discovered: services.filter(({ discovery }) => discovery !== null).length,
  };
}

function asJson(config: GatewayConfig | null, issues: readonly Issue[]): string {
  const counts = config && countsOf(config);
  return JSON.stringify({ ok: config !== null, counts, issues }, null, 2);
}
