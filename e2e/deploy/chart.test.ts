// The chart, without Helm and without a cluster: rendered by scripts/chart, held against the schemas of Kubernetes, and its
// configuration started.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { testAuthority } from '@turnpike/testkit';
import { Ajv } from 'ajv';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { ConfigMap, Secret, Service, ServiceAccount } from 'kubernetes-models/v1';
import { parse } from 'yaml';
import { directoryWith, root, startTurnpike, turnpike } from '../cli-program.ts';
import { objectsOf, renderChart, type Values } from '../../scripts/chart/render-chart.ts';

const CHART = join(root, 'deploy/helm/turnpike');
const EVERYTHING = yamlOf('ci/everything-values.yaml');

/** What Kubernetes itself knows; the operator's ServiceMonitor is no part of it. */
const KINDS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
} as const;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface DeploymentManifest extends Manifest {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
      };
    };
  };
}

type Probe = { readonly httpGet: { readonly path: string; readonly port: string } };
type Container = Readonly<Record<'startupProbe' | 'readinessProbe' | 'livenessProbe', Probe>> & {
  readonly args: readonly string[];
};

function yamlOf(file: string): Values {
  return parse(readFileSync(join(CHART, file), 'utf8')) as Values;
}

function rendered(values: Values): readonly Manifest[] {
  const release = { name: 'turnpike', namespace: 'gateways', service: 'Helm', values };
  return objectsOf(renderChart(CHART, release)) as readonly Manifest[];
}

/** The only one of a kind. */
function oneOf(manifests: readonly Manifest[], kind: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind);
  assert.equal(found.length, 1, kind);
  return found[0] ?? assert.fail();
}

/** The files that a pod sees, on free ports and with the Secrets where a test can put them. */
function configDirectory(context: TestContext, manifests: readonly Manifest[]): string {
  const directory = directoryWith(context, {});
  mkdirSync(join(directory, 'certificate'));
  const { cert, key } = testAuthority().issue({ names: ['gateway.test'] });
  writeFileSync(join(directory, 'certificate/tls.crt'), cert);
  writeFileSync(join(directory, 'certificate/tls.key'), key);
  mkdirSync(join(directory, 'turnpike'));
  for (const [name, text] of Object.entries(oneOf(manifests, 'ConfigMap').data ?? {})) {
    const local = text.replaceAll(/":\d+"/g, '"127.0.0.1:0"').replaceAll('/run/secrets', directory);
    writeFileSync(join(directory, 'turnpike', name), local);
  }
  return join(directory, 'turnpike');
}

const ENVIRONMENT = {
  TURNPIKE_ADMIN_TOKEN: 'the-token-of-the-admin',
  TURNPIKE_VIEWER_TOKEN: 'the-token-of-a-viewer',
  ACME_KEY: 'the-key-of-acme-is-long',
};

describe('the chart', () => {
  for (const [what, values] of Object.entries({ 'its defaults': {}, everything: EVERYTHING })) {
    it(`makes objects that Kubernetes knows, of ${what}`, () => {
      const manifests = rendered(values);
      assert.ok(manifests.length >= 8);
      for (const manifest of manifests.filter(({ kind }) => kind !== 'ServiceMonitor')) {
        const Model = KINDS[manifest.kind as keyof typeof KINDS] ?? assert.fail(manifest.kind);
        assert.doesNotThrow(() => new Model(manifest as never).validate(), JSON.stringify(manifest));
      }
    });

    it(`gives the gateway a configuration without faults, of ${what}`, async (context) => {
      const directory = configDirectory(context, rendered(values));
      const { code, out, err } = await turnpike(['check', directory], { env: ENVIRONMENT });
      assert.equal(code, 0, out + err);
    });

    it(`gives pods longer to end than the drain takes, and selects those that it makes, of ${what}`, () => {
      const manifests = rendered(values);
      const { selector, template } = (oneOf(manifests, 'Deployment') as DeploymentManifest).spec;
      const [, drainSeconds] =
        /drainTimeout: (\d+)s/.exec(JSON.stringify(oneOf(manifests, 'ConfigMap'))) ?? [];
      assert.ok(template.spec.terminationGracePeriodSeconds > Number(drainSeconds));
      for (const [label, value] of Object.entries(selector.matchLabels)) {
        assert.equal(template.metadata.labels[label], value);
      }
    });
  }

  it('notices what Kubernetes would not take', () => {
    const wrong = rendered({ replicas: 'many', autoscaling: { enabled: false } });
    assert.throws(() => new Deployment(oneOf(wrong, 'Deployment')).validate(), /replicas/);
  });

  it('has probes that the admin API answers without a token', async (context) => {
    const manifests = rendered({});
    const [container] = (oneOf(manifests, 'Deployment') as DeploymentManifest).spec.template.spec.containers;
    const directory = configDirectory(context, manifests);
    const state = join(directory, '../state');
    const args = container.args.map((word) =>
      word.replace('/etc/turnpike', directory).replace('/var/lib/turnpike', state),
    );
    const gateway = startTurnpike(context, args, { env: ENVIRONMENT });
    const [, admin] = await gateway.says(/"admin":(\d+)/);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
      const { path, port } = container[probe].httpGet;
      assert.equal(port, 'admin');
      assert.equal((await fetch(`http://127.0.0.1:${admin}${path}`)).status, 200, probe);
    }
    assert.equal((await fetch(`http://127.0.0.1:${admin}/metrics`)).status, 401);
  });

  it('has a schema that takes its own values and those of its test, and no others', () => {
    const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as object;
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
    const isTaken = (values: Values): boolean => validate({ ...yamlOf('values.yaml'), ...values });
    assert.ok(isTaken({}), JSON.stringify(validate.errors));
    assert.ok(isTaken(EVERYTHING), JSON.stringify(validate.errors));
    for (const wrong of [
      { replica: 3 },
      { config: { listeners: {} } },
      { ports: [] },
      { ports: [{ name: 'http', port: 80, containerPort: 80 }] },
      { image: { repository: 'turnpike', digest: 'latest' } },
      { threads: '2' },
    ]) {
      assert.ok(!isTaken(wrong), JSON.stringify(wrong));
    }
  });
});
