import { adminClient, adminOptions } from '../../admin-client.ts';
import type { Command } from '../../command.ts';
import { EXIT } from '../../exit-codes.ts';
import { roughSeconds } from '../../output/units.ts';
import { jsonOption, show, table } from './resource.ts';

interface Fleet {
  readonly head: number;
  readonly nodes: readonly {
    readonly name: string;
    readonly zone: string;
    readonly version: string;
    readonly revision: number;
    readonly heartbeatAgeMs: number;
    readonly quarantined: readonly string[];
    /** Why it has not taken what it should have; empty: it has. */
    readonly problem?: string;
    readonly load: {
      readonly requests: number;
      readonly errors: number;
      readonly p99Ms: number;
      readonly cpu: number;
    };
  }[];
}

/** `turnpike fleet`. */
export const fleet: Command = {
  name: 'fleet',
  summary: 'show all gateways that share a database, and how they do',
  description:
    'Lists the gateways that share a database: which revision each serves, when it was heard of, what it could not take, and its load ' +
    'over the last ten seconds.',
  parameters: [],
  options: [jsonOption, ...adminOptions],
  examples: [{ line: 'turnpike fleet', about: 'is everybody at the newest revision?' }],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const found = await adminClient(given).ask<Fleet>('GET', '/v1/fleet');
    show(found, { given, outputs }, ({ head, nodes }, paint) => {
      const rows = nodes.map(
        ({ name, zone, version, revision, heartbeatAgeMs, quarantined, problem, load }) => [
          name,
          zone === '' ? '-' : zone,
          version,
          revision === head ? String(revision) : `${revision} of ${head}`,
          `${roughSeconds(heartbeatAgeMs / 1000)} ago`,
          (load.requests / 10).toFixed(1),
          String(load.errors),
          `${load.p99Ms.toFixed(1)} ms`,
          load.cpu.toFixed(2),
          quarantined.length === 0 ? '-' : quarantined.join(', '),
          problem ?? '',
        ],
      );
      const titles = [
        'NAME',
        'ZONE',
        'VERSION',
        'REVISION',
        'HEARD OF',
        'REQ/S',
        'ERRORS',
        'P99',
        'CPU',
        'QUARANTINED',
        'PROBLEM',
      ];
      return table(titles, rows, { paint, none: 'there are no gateways' });
    });
    return EXIT.ok;
  },
};
