import { writeFile } from 'node:fs/promises';
import type { GatewayConfig } from '@turnpike/config';
import { type Command, configOption } from '../command.ts';
import { chooseConfig } from '../config-files.ts';
import { EXIT, Failure } from '../exit-codes.ts';
import { offlineSchema, serviceApi, type OpenApi } from '../gateway.ts';
import { loadAndCheck } from '../load.ts';
import { issueSummary, printIssues } from '../output/issues.ts';

/** `turnpike openapi`. */
export const openapi: Command = {
  name: 'openapi',
  summary: 'print an OpenAPI document of a service that is transcoded from gRPC',
  description:
    'Prints the OpenAPI 3.1 document of what clients of HTTP see of a service that speaks gRPC: its paths by google.api.http and by the rules ' +
    'of the route that translates to it, parameters, bodies and descriptions. The service is not asked, so its descriptors have to be ' +
    'in the configuration: as a set, or as sources.',
  parameters: [{ name: 'SERVICE', count: 'one', about: 'a service of the configuration' }],
  options: [
    configOption,
    { name: 'title', value: { kind: 'text', name: 'TEXT' }, about: 'of the document (default: the service)' },
    { name: 'api-version', value: { kind: 'text', name: 'TEXT' }, about: 'of the API (default: 1.0.0)' },
    { name: 'out', short: 'o', value: { kind: 'text', name: 'FILE' }, about: 'write it to a file' },
  ],
  examples: [
    { line: 'turnpike openapi greeter', about: 'of a service in gateway.yaml' },
    { line: 'turnpike openapi greeter --out greeter.openapi.json', about: 'for tools' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, { out, err }) => {
    const [service = ''] = given.words;
    const { config, issues } = await loadAndCheck(chooseConfig(given.list('config')));
    if (config === null) {
      printIssues(issues, err);
      err.print(`The configuration cannot be used: ${issueSummary(issues)}`);
      return EXIT.configuration;
    }
    const { document, problems } = await describeService(config, service, {
      title: given.text('title') ?? service,
      version: given.text('api-version') ?? '1.0.0',
    });
    for (const problem of problems) err.print(`left out: ${problem}`);
    const text = JSON.stringify(document, null, 2);
    const file = given.text('out');
    if (file === undefined) {
      out.print(text);
      return EXIT.ok;
    }
    try {
      await writeFile(file, `${text}\n`);
    } catch (error) {
      throw new Failure(`the document cannot be written to ${file}`, { cause: error });
    }
    err.print(`The document is in ${file}`);
    return EXIT.ok;
  },
};

async function describeService(
  config: GatewayConfig,
  service: string,
  info: { readonly title: string; readonly version: string },
): Promise<OpenApi> {
  const found = config.services.find(({ id }) => id === service);
  if (found === undefined) throw new Failure(`there is no service ${service} in the configuration`);
  const { openDescriptors } = await import('@turnpike/config/descriptors');
  const schema = offlineSchema(config, service, openDescriptors);
  if (schema === null)
    throw new Failure(
      found.grpc === null
        ? `nothing is said of the methods of ${service}; give it grpc: { protos: [FILE] }`
        : `${service} describes itself; give it grpc: { descriptors: FILE } or { protos: [FILE] } to describe it here, or ask the admin API of a gateway that runs: GET /services/${service}/openapi`,
    );
  return serviceApi(config, schema, { service, ...info });
}
