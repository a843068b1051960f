import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { grafanaDashboard } from '../gateway.ts';
import { outOption, writeText } from './write-text.ts';

/** `turnpike dashboard`. */
export const dashboard: Command = {
  name: 'dashboard',
  summary: 'print a dashboard for Grafana with all metrics',
  description:
    'Prints the JSON of a dashboard for Grafana 10 or newer: requests, errors and durations first, then services, endpoints, limits, the ' +
    'cache, connections and the process. Every metric of this version is on it. It needs no configuration.',
  parameters: [],
  options: [outOption],
  examples: [
    { line: 'turnpike dashboard --out turnpike.json', about: 'to import it, or to provision it' },
    { line: "turnpike dashboard | jq -r '..|.expr? // empty'", about: 'its queries' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    await writeText({ what: 'the dashboard', text: grafanaDashboard(), file: given.text('out') }, outputs);
    return EXIT.ok;
  },
};
