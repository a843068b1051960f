// `npm run sbom`: a bill of materials (CycloneDX 1.5, JSON) of what an installation without development tools has: the packages that we
// publish, and from the lock file what they need. `npm sbom` needs a version of the workspace itself, which has none, and leaves out
// what tools use as well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.mjs';

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const turnpike = packages['packages/cli'];

const ours = Object.keys(packages)
  .filter((path) => path.startsWith('packages/') && !path.includes('node_modules'))
  .map((path) => JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')))
  .filter((manifest) => manifest.private !== true && manifest.name !== 'turnpike')
  .map((manifest) => component(manifest.name, manifest));

const others = Object.entries(packages)
  .filter(
    ([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.dev && !entry.devOptional,
  )
  .map(([path, entry]) => component(path.slice(path.lastIndexOf('node_modules/') + 13), entry));

const bom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: { type: 'application', name: 'turnpike', version: turnpike.version, ...licenses(turnpike) },
  },
  components: [...ours, ...others],
};
console.log(JSON.stringify(bom, null, 2));

function component(name, entry) {
  const { version, integrity, optional } = entry;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    purl,
    scope: optional ? 'optional' : 'required',
    ...hashes(integrity),
    ...licenses(entry),
  };
}

/** Of what comes from the registry; ours have none before they are packed. */
function hashes(integrity) {
  if (integrity === undefined) return {};
  const content = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  return { hashes: [{ alg: 'SHA-512', content }] };
}

function licenses({ license }) {
  return license === undefined ? {} : { licenses: [{ expression: license }] };
}
