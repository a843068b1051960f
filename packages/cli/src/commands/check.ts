import type { GatewayConfig, Issue } from '@turnpike/config';
import { loadConfig } from '@turnpike/config/load';
import { pluginTrial } from '../gateway.ts';
import { type Command, configOption, type Given } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { EXIT } from '../exit-codes.ts';
import { auditIssues } from '../audit/audit.ts';
import { routeIssues } from '../route-issues.ts';
import { hasErrors, issueSummary, printIssues } from '../output/issues.ts';
import { sarifOf } from '../output/sarif.ts';
import { turnpikeVersion } from '../version.ts';
import { plural } from '../output/plural.ts';
import type { Outputs } from '../output/terminal.ts';

/** `turnpike check`. */
export const check: Command = {
  name: 'check',
  summary: 'check a configuration, and say all that is wrong with it',
  description:
    'Reads a configuration as "start" would, with its environment variables and secret files, and reports every issue with ' +
    'file, line and column: unknown keys and what was probably meant, wrong types, names that do not exist. It warns of ' +
    'routes and rules that nothing comes to, of settings that are not safe, of secrets that stand in a file, and of ' +
    'certificates that end soon. Opens no port and connects to nothing. Warnings leave the exit code at 0.',
  parameters: [{ name: 'FILE', count: 'any', about: 'files or directories of the configuration' }],
  options: [
    configOption,
    {
      name: 'format',
      value: { kind: 'choice', choices: ['text', 'json', 'sarif'], fallback: 'text' },
      about: 'for people, for programs, or SARIF 2.1.0 for code hosts and CI',
    },
    { name: 'json', value: { kind: 'none' }, about: 'the same as --format json' },
    { name: 'strict', value: { kind: 'none' }, about: 'fail on warnings as well' },
  ],
  examples: [
    { line: 'turnpike check', about: 'gateway.yaml, in this directory' },
    { line: 'turnpike check base.yaml routes/', about: 'several files, merged' },
    { line: 'turnpike check --format sarif > turnpike.sarif', about: 'for a code host' },
    { line: "turnpike check --json | jq -r '.issues[].message'", about: 'in a pipeline' },
  ],
  exitCodes: [EXIT.ok, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const paths = chooseConfig([...given.words, ...given.list('config')]);
    const findings = await find(paths);
    print(given, outputs, findings);
    const isStrict = given.has('strict') && findings.issues.length > 0;
    return findings.config === null || isStrict ? EXIT.configuration : EXIT.ok;
  },
};

interface Findings {
  readonly paths: readonly string[];
  readonly config: GatewayConfig | null;
  readonly issues: readonly Issue[];
}

async function find(paths: readonly string[]): Promise<Findings> {
  const { config, issues, written } = await loadConfig(paths, { tryPlugins: pluginTrial() });
  if (config === null) return { paths, config, issues };
  const all = [...issues, ...routeIssues(config), ...auditIssues(config, written)];
  return { paths, config: hasErrors(all) ? null : config, issues: all };
}

function print(given: Given, outputs: Outputs, findings: Findings): void {
  const format = given.has('json') ? 'json' : given.text('format');
  if (format === 'json') outputs.out.print(asJson(findings));
  else if (format === 'sarif') {
    const tool = { version: turnpikeVersion(), directory: process.cwd() };
    outputs.out.print(sarifOf(findings.issues, tool));
  } else report(findings, outputs);
}

function report({ paths, config, issues }: Findings, { out }: Outputs): void {
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

function asJson({ config, issues }: Findings): string {
  const counts = config && countsOf(config);
  return JSON.stringify({ ok: config !== null, counts, issues }, null, 2);
}
