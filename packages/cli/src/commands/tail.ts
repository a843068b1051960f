import { adminClient, adminOptions } from '../admin-client.ts';
import type { Command } from '../command.ts';
import { EXIT, Failure } from '../exit-codes.ts';
import { tailLine } from '../output/tail-line.ts';

/** `turnpike tail`. */
export const tail: Command = {
  name: 'tail',
  summary: 'show the requests of a gateway that runs, as they end',
  description:
    'Follows the requests of all threads on the admin API, until it is stopped with Ctrl-C. What cannot be shown in time is dropped and ' +
    'counted: it costs the gateway next to nothing, and is no access log.\n\n' +
    'A filter is an expression in CEL over `line`, a line of the access log in JSON: line.method, line.path, line.client, line.status, ' +
    'line.route, line.service, line.endpoint, line.durationMs, line.code and so on.',
  parameters: [],
  options: [
    { name: 'filter', value: { kind: 'text', name: 'CEL' }, about: 'only those for which this is true' },
    { name: 'route', value: { kind: 'text', name: 'ROUTE' }, about: "only of this route; '' is of none" },
    {
      name: 'status',
      value: { kind: 'text', name: 'STATUS' },
      about: 'only with this status: 404, 5xx, or 400-499',
    },
    { name: 'json', value: { kind: 'none' }, about: 'print lines of JSON, for programs' },
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike tail', about: 'everything, of the gateway on this machine' },
    { line: 'turnpike tail --status 5xx --route orders', about: 'what fails on one route' },
    { line: "turnpike tail --filter 'line.durationMs > 500.0'", about: 'what is slow' },
    { line: 'turnpike tail --json | jq .path', about: 'for programs' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, { out, err }) => {
    const query = new URLSearchParams();
    for (const name of ['filter', 'route', 'status']) {
      const value = given.text(name);
      if (value !== undefined) query.set(name, value);
    }
    await adminClient(given).follow(`/requests/stream?${query.toString()}`, (lines) => {
      // In one piece: on a busy gateway, to write each by itself would be most of the work of all who take part.
      if (given.has('json')) return out.print(...lines);
      const entries = lines.map((line) => tailLine(JSON.parse(line), out.paint));
      const dropped = entries.reduce((sum, entry) => sum + entry.dropped, 0);
      if (dropped > 0) err.print(err.paint('yellow', `${dropped} requests could not be shown in time`));
      const texts = entries.filter((entry) => entry.dropped === 0).map(({ text }) => text);
      if (texts.length > 0) out.print(...texts);
    });
    throw new Failure('the gateway has ended the stream');
  },
};
