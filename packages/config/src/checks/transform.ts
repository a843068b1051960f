import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import { pathParametersOf } from '../format/claim.ts';
import { parametersOf } from '../format/path-pattern.ts';
import type { WrittenPolicies } from '../resolve/access-policies.ts';
import type { HolderCheck } from './holders.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf, unknownParameter } from './unknown-name.ts';

/** What is set has an effect: these the gateway writes itself, or never passes on. */
export const changedFieldsPass: PolicyCheck = ({ path, policies: { transform } }) => {
  if (transform === null || transform === 'off') return [];
  return (['request', 'response'] as const).flatMap((side) => {
    const at = [...path, 'transform', side, 'headers'];
    const { set, add } = transform[side].headers;
    return [
      ...faults([...set.keys()], [...at, 'set'], ownerOf(path)),
      ...faults([...add.keys()], [...at, 'add'], ownerOf(path)),
    ];
  });
};

/** Those that cannot be set. */
function faults(names: readonly string[], path: Path, owner: string): Draft[] {
  return names.flatMap((name): Draft[] => {
    const advice = adviceFor(name.toLowerCase());
    if (advice === null) return [];
    const message = `${owner}: transform cannot set ${name}: ${advice}`;
    return [{ code: 'BAD_VALUE', message, path: [...path, name], at: 'key' }];
  });
}

function adviceFor(name: string): string | null {
  if (name === 'host') return 'use rewrite: { host: … }';
  if (name.startsWith('x-identity-')) return 'use forwardIdentity: headers, or another name';
  if (/^x-forwarded-|^(forwarded|via|x-real-ip|x-host|x-original-url|x-rewrite-url)$/.test(name))
    return 'the gateway writes it, from what it knows of the client; use another name';
  if (
    /^(x-request-id|client-cert|client-cert-chain|grpc-timeout|connect-timeout-ms|x-turnpike-mirror)$/.test(
      name,
    )
  )
    return 'the gateway writes it; use another name';
  return FRAMING.test(name) ? 'it belongs to the framing of messages' : null;
}

const FRAMING =
  /^(content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*|http2-settings)$/;

/** Templates name parameters that the path of the route has. */
export const changedParametersExist: HolderCheck = ({ own, path: section, route }, document, referenceAt) => {
  const transform = own.transform ?? document.defaults.policies.transform;
  if (section[0] !== 'routes' || transform === null || transform === 'off') return [];
  const pattern = route.match.path;
  const known = new Set(parametersOf(pattern));
  return templatesOf(transform).flatMap(({ text, below }) =>
    pathParametersOf(text)
      .filter((name) => !known.has(name))
      .map((name) => {
        const path = [...section, 'policies', 'transform', ...below];
        return unknownParameter({ name, path, pattern }, known, referenceAt);
      }),
  );
};

interface TemplateAt {
  readonly text: string;
  /** The way to it from `transform`. */
  readonly below: Path;
}

function templatesOf({
  request,
  response,
}: Exclude<WrittenPolicies['transform'], 'off' | null>): TemplateAt[] {
  return [
    ...below(request.headers.set, 'request', 'headers', 'set'),
    ...below(request.headers.add, 'request', 'headers', 'add'),
    ...below(request.query.set, 'request', 'query', 'set'),
    ...below(response.headers.set, 'response', 'headers', 'set'),
    ...below(response.headers.add, 'response', 'headers', 'add'),
  ];
}

function below(entries: ReadonlyMap<string, string>, ...path: Path): TemplateAt[] {
  return Array.from(entries, ([name, text]) => ({ text, below: [...path, name] }));
}

/** A policy that compresses has something to do it with. */
export const codingsAreGiven: PolicyCheck = ({ path, policies: { compress } }) => {
  if (compress === null || typeof compress === 'string') return [];
  return (['codings', 'types'] as const).flatMap((key): Draft[] => {
    if (compress[key].length > 0) return [];
    const message = `${ownerOf(path)}: compress.${key} is empty, so nothing is compressed; name some, or leave it out`;
    return [{ code: 'BAD_VALUE', message, path: [...path, 'compress', key] }];
  });
};
