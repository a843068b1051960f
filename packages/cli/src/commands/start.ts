import { resolve } from 'node:path';
import { createLoader } from '@turnpike/config/load';
import { type Command, configOption, logLevelOption } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { EXIT } from '../exit-codes.ts';
import { pluginTrial } from '../gateway.ts';
import { loadAndCheck } from '../load.ts';
import { listenersInUse } from '../serve/in-use.ts';
import { issueSummary, printIssues } from '../output/issues.ts';

/** `turnpike start`. */
export const start: Command = {
  name: 'start',
  summary: 'run the gateway',
  description:
    'Runs the gateway with a configuration, on all cores, until it is told to stop. A change of a configuration file is ' +
    'taken over at once and without losing a request; a change for the worse is reported, and the old configuration stays.\n\n' +
    'SIGTERM and SIGINT (Ctrl-C) let requests finish, for at most runtime.drainTimeout, and a second one ends at once. ' +
    'SIGHUP loads the configuration again and opens log files anew. Standard output has the access log, unless the ' +
    'configuration sends it elsewhere; standard error has the log of the program.',
  parameters: [{ name: 'FILE', count: 'any', about: 'files or directories of the configuration' }],
  options: [
    configOption,
    {
      name: 'last-good',
      value: { kind: 'none' },
      about: 'if the configuration has errors, start with the last one that was in use, until it is mended',
    },
    {
      name: 'state-directory',
      value: { kind: 'text', name: 'DIR' },
      about: 'where the last good configurations are kept (default: runtime.stateDirectory, or .turnpike)',
    },
    { name: 'no-watch', value: { kind: 'none' }, about: 'reload on SIGHUP and by the admin API only' },
    logLevelOption,
  ],
  examples: [
    { line: 'turnpike start', about: 'with gateway.yaml of this directory' },
    { line: 'turnpike start base.yaml routes/', about: 'several files and directories, merged' },
    {
      line: 'turnpike start /etc/turnpike --last-good',
      about: 'as a service: a bad file does not keep it down',
    },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration, EXIT.cut],
  // The gateway is loaded when it is needed: the other commands answer faster without it.
  run: async (given, outputs) => {
    const { err } = outputs;
    const paths = chooseConfig([...given.words, ...given.list('config')]);
    const load = createLoader({ tryPlugins: pluginTrial() });
    const { config, issues } = await loadAndCheck(paths, load);
    const lastGood = given.has('last-good');
    printIssues(issues, err);
    if (config === null && !lastGood) {
      err.print(`The configuration cannot be used: ${issueSummary(issues)}`);
      return EXIT.configuration;
    }
    for (const { id, address } of await listenersInUse(config?.listeners ?? [])) {
      const sharing = 'another program listens there; if it is a gateway, it takes a part of the connections';
      err.print(`${err.paint('yellow', 'warning:')} listener ${id}, port ${address.port}: ${sharing}`);
    }
    const directory = given.text('state-directory');
    const state = directory === undefined ? {} : { stateDirectory: resolve(directory) };
    const { serve } = await import('../serve/serve.ts');
    return serve({ paths, load, lastGood, watch: !given.has('no-watch'), ...state }, given, outputs);
  },
};
