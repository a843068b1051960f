import { type Command, configOption } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { EXIT } from '../exit-codes.ts';
import { explainRequest } from '../explain/explain-request.ts';
import { grpcCalls } from '../grpc-calls.ts';
import { loadAndCheck } from '../load.ts';
import { printExplanation } from '../output/explanation.ts';
import { issueSummary, printIssues } from '../output/issues.ts';

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
      about: 'where the request comes in (default: the listener of the port in the URL, or the first)',
    },
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
      line: 'turnpike explain GET /users/42 --json | jq .outcome.route.id',
      about: 'in a test of your routes',
    },
  ],
  exitCodes: [EXIT.ok, EXIT.usage, EXIT.configuration, EXIT.noRoute],
  run: async (given, { out, err }) => {
    const [method = '', url = ''] = given.words;
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
