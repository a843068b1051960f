import type { Command } from './command.ts';
import { alerts } from './commands/alerts.ts';
import { cache } from './commands/cache.ts';
import { limits } from './commands/limits.ts';
import { check } from './commands/check.ts';
import { completion } from './commands/completion.ts';
import { debugToken } from './commands/debug-token.ts';
import { DATABASE } from './commands/database/database.ts';
import { dashboard } from './commands/dashboard.ts';
import { explain } from './commands/explain.ts';
import { openapi } from './commands/openapi.ts';
import { proxy } from './commands/proxy.ts';
import { rules } from './commands/rules.ts';
import { schema } from './commands/schema.ts';
import { STEERING } from './commands/steering/steering.ts';
import { start } from './commands/start.ts';
import { tail } from './commands/tail.ts';
import { test } from './commands/test.ts';
import { version } from './commands/version.ts';
import { EXIT, EXIT_MEANING, Failure } from './exit-codes.ts';
import { alignColumns } from './output/table.ts';
import { type Outputs, processOutputs } from './output/terminal.ts';
import { runProgram } from './program.ts';
import { turnpikeVersion } from './version.ts';

/** In the order of the help: what one does first comes first. */
const PLAIN: readonly Command[] = [
  start,
  proxy,
  check,
  explain,
  test,
  openapi,
  tail,
  debugToken,
  cache,
  limits,
  alerts,
  ...STEERING,
  ...DATABASE,
  rules,
  dashboard,
  schema,
  version,
];
/** All commands; their help, the completion of shells and a reference page are made of them. */
export const COMMANDS: readonly Command[] = [...PLAIN, completion(PLAIN)];

const DESCRIPTION = `Turnpike, an API gateway: the one door through which clients reach your services.`;

const FOOTER = `
First steps:
  turnpike proxy :8080 http://127.0.0.1:9001    no configuration at all
  turnpike start gateway.yaml                   with one; it is reloaded when it changes
  turnpike check gateway.yaml                   what is wrong with it
  turnpike explain GET /users/42                where a request goes, and why
  turnpike test gateway.test.yaml               whether it does what you meant

Without a file, start, check and explain take gateway.yaml, gateway.yml, gateway.json or gateway.config.ts of this directory.

Exit codes:
${alignColumns(
  Object.entries(EXIT_MEANING).map(([code, meaning]) => [code, meaning]),
  '  ',
).join('\n')}

Environment:
  NO_COLOR=1          no colours, also on a terminal
  TURNPIKE_ADMIN=URL  the admin API of the gateway that commands such as cache talk to
  TURNPIKE_TOKEN=…    their token
`;

/** Runs the program; the exit code is set on the process. */
export async function main(args: readonly string[]): Promise<void> {
  const outputs = processOutputs();
  process.exitCode = await run(args, outputs);
}

async function run(args: readonly string[], outputs: Outputs): Promise<number> {
  const about = {
    name: 'turnpike',
    version: turnpikeVersion(),
    description: DESCRIPTION,
    footer: FOOTER,
  };
  try {
    return await runProgram(about, COMMANDS, args, outputs);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
    outputs.err.print(`${outputs.err.paint(['bold', 'red'], 'error:')} ${error.message}${cause}`);
    return EXIT.failure;
  }
}
