import { type Command, configOption } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { EXIT } from '../exit-codes.ts';
import { prometheusRules } from '../gateway.ts';
import { loadAndCheck } from '../load.ts';
import { issueSummary, printIssues } from '../output/issues.ts';
import { outOption, writeText } from './write-text.ts';

/** `turnpike rules`. */
export const rules: Command = {
  name: 'rules',
  summary: 'print the alerts of a configuration as rules for Prometheus',
  description:
    'Prints a rule file for Prometheus with the alerts of telemetry.alerts, for those who have it look after them instead of the ' +
    'gateway, or beside it. Addresses and times of silence are left out: they are the business of the Alertmanager.',
  parameters: [],
  options: [configOption, outOption],
  examples: [
    { line: 'turnpike rules', about: 'of gateway.yaml, in this directory' },
    { line: 'turnpike rules --out turnpike.rules.yml', about: 'for rule_files of Prometheus' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const { config, issues } = await loadAndCheck(chooseConfig(given.list('config')));
    if (config === null) {
      printIssues(issues, outputs.err);
      outputs.err.print(`The configuration cannot be used: ${issueSummary(issues)}`);
      return EXIT.configuration;
    }
    const text = prometheusRules(config.telemetry.alerts);
    await writeText({ what: 'the rules', text, file: given.text('out') }, outputs);
    return EXIT.ok;
  },
};
