import { testSchema } from '../../packages/config/src/cases/schema.ts';
import { ABOUT_TESTS, referenceMarkdown } from '../../packages/config/src/reference.ts';
import { documentSchema } from '../../packages/config/src/schema/document.ts';
import { asJsonSchema } from '../../packages/config/src/schema/typebox.ts';
import { grafanaDashboard } from '../../packages/gateway/src/observe/dashboard/dashboard.ts';
import { metricList } from '../../packages/gateway/src/observe/metric-list.ts';
import { metricsReference } from '../../packages/gateway/src/observe/metrics-reference.ts';
import { adminApiReference } from './admin-api-reference.ts';
import { plainManifests } from '../chart/plain-manifests.ts';
import { commandsReference } from './commands-reference.ts';
import { errorsReference } from './errors-reference.ts';

/** Every file that is made from code, by its path in the repository. */
export function generatedPages(): Readonly<Record<string, string>> {
  return {
    'docs/reference/configuration.md': referenceMarkdown(asJsonSchema(documentSchema)),
    'docs/reference/admin-api.md': adminApiReference(),
    'docs/reference/tests.md': referenceMarkdown(asJsonSchema(testSchema), ABOUT_TESTS),
    'docs/reference/errors.md': errorsReference(),
    'docs/reference/commands.md': commandsReference(),
    'examples/monitoring/grafana/dashboards/turnpike.json': grafanaDashboard(),
    'packages/config/src/metric-list.ts': metricList(),
    'docs/reference/metrics.md': metricsReference(),
    'deploy/kubernetes/turnpike.yaml': plainManifests(),
  };
}
