import { adminClient, adminOptions } from '../admin-client.ts';
import { type Command, configOption, type Given } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { debugSecret } from '../debug-secret.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { explainRequest } from '../explain/explain-request.ts';
import { explainLive } from '../explain/live-request.ts';
import { debugToken } from '../gateway.ts';
import { grpcCalls } from '../grpc-calls.ts';
import { loadAndCheck } from '../load.ts';
import { printExplanation } from '../output/explanation.ts';
import { issueSummary, printIssues } from '../output/issues.ts';
import type { Outputs } from '../output/terminal.ts';
import { printTrace } from '../output/trace.ts';

/** `turnpike explain`. */
export const explain: Command = {
  name: 'explain',
  summary: 'say what would become of a request: route, stages, endpoint',
  description:
    'Takes a request through the configuration without sending anything. It shows how the path is normalised, which routes ' +
    'were considered and why each was passed over, the stages in the order in which they run, what the service would ' +
    'receive, how one of its endpoints is found and chosen, and what is done when it fails; routes and services with the line where they are written.\n\n' +
    'The most specific route wins, whatever the order in the file: exact host before wildcard, then literal segment before ' +
    '{parameter} before /*, then the route with more conditions.',
  parameters: [
    {
      name: 'METHOD',
      count: 'one',
      about: 'GET, POST, …',
      choices: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    },
    { name: 'URL', count: 'one', about: 'http://host:port/path?query, or only /path?query' },
  ],
  options: [
    configOption,
    {
      name: 'header',
      short: 'H',
      value: { kind: 'list', name: 'LINE' },
      about: "a header of the request, as 'name: value'; may be repeated",
    },
    {
      name: 'listener',
      value: { kind: 'text', name: 'NAME' },
      about:
        'where the request comes in (default: the listener that fits the port, scheme and host of the URL best)',
    },
    {
      name: 'live',
      value: { kind: 'none' },
      about: 'send the request to a gateway that runs, and say what became of it (needs telemetry.debug)',
    },
    {
      name: 'debug-token',
      value: { kind: 'text', name: 'TOKEN' },
      about: 'for --live: a token of turnpike debug-token, where the configuration is not here',
    },
    ...adminOptions,
    { name: 'json', value: { kind: 'none' }, about: 'print one JSON document, for programs' },
  ],
  examples: [
    { line: 'turnpike explain GET /users/42', about: 'on the first listener, for the host localhost' },
    { line: 'turnpike explain GET http://api.example.com/users/42', about: 'for a host' },
    {
      line: "turnpike explain POST /orders -H 'x-api-version: 2'",
      about: 'with a header that routes ask for',
    },
    {
      line: 'turnpike explain --live GET http://localhost:8080/users/42',
      about: 'really sent: stages with their time, endpoints that were tried',
    },
    {
      line: 'turnpike explain GET /users/42 --json | jq .outcome.route.id',
      about: 'in a test of your routes',
    },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration, EXIT.noRoute],
  run: async (given, { out, err }) => {
    const [method = '', url = ''] = given.words;
    if (given.has('live')) return live(given, { out, err });
    const { config, issues } = await loadAndCheck(chooseConfig(given.list('config')));
    if (config === null) {
      printIssues(issues, err);
      err.print(`The configuration cannot be used: ${issueSummary(issues)}`);
      return EXIT.configuration;
    }
    const headers = given.list('header');
    const described = { method, url, headers, listener: given.text('listener') };
    const report = explainRequest(config, described, await grpcCalls(config));
    if (given.has('json')) out.print(JSON.stringify(report, null, 2));
    else printExplanation(report, out);
    return report.outcome.kind === 'routed' ? EXIT.ok : EXIT.noRoute;
  },
};

/** Sends the request with a token that is good for a minute. */
async function live(given: Given, { out, err }: Outputs): Promise<ExitCode> {
  const [method = '', url = ''] = given.words;
  const token = given.text('debug-token') ?? (await ownToken(given, err));
  if (token === null) return EXIT.configuration;
  const request = { method, url, headers: given.list('header'), token };
  const trace = await explainLive(request, adminClient(given));
  if (given.has('json')) out.print(JSON.stringify(trace, null, 2));
  else printTrace(trace, out);
  return trace.route.id === '' ? EXIT.noRoute : EXIT.ok;
}

async function ownToken(given: Given, err: Outputs['err']): Promise<string | null> {
  const secret = await debugSecret(given, err);
  return secret === null ? null : debugToken(secret, Date.now() + OWN_TOKEN_MS);
}

const OWN_TOKEN_MS = 60_000;
