import { fileURLToPath } from 'node:url';
import { renderChart } from './render-chart.ts';

const CHART = fileURLToPath(new URL('../../deploy/helm/turnpike', import.meta.url));

const HEADER = `# Made from the chart in deploy/helm with its default values, for those who do not use Helm; npm run docs writes it anew.
# The tokens are yours:
#
#   kubectl create secret generic turnpike-admin --from-literal=admin-token="$(openssl rand -hex 32)" --from-literal=viewer-token="$(openssl rand -hex 32)"
`;

/** The chart as it is by default, as one manifest for kubectl. Tokens of the admin API are in a Secret that whoever installs it makes. */
export function plainManifests(): string {
  const rendered = renderChart(CHART, {
    name: 'turnpike',
    namespace: 'default',
    service: 'kubectl',
    values: { admin: { existingSecret: 'turnpike-admin' } },
  });
  const objects = [...rendered].filter(([file, text]) => file.endsWith('.yaml') && text.trim() !== '');
  const texts = objects.map(([, text]) => text.trim().replaceAll(/^ *helm\.sh\/chart: .*\n/gm, ''));
  return `${HEADER}---\n${texts.join('\n---\n')}\n`;
}
