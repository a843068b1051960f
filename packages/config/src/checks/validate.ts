import type { Draft } from '../issue.ts';
import { parametersOf } from '../format/path-pattern.ts';
import type { PolicyCheck } from './policy-places.ts';
import { type HolderCheck, isOwn } from './holders.ts';
import { ownerOf, unknownParameter } from './unknown-name.ts';

/** What is well formed is said by a document or by schemas. */
export const formIsGiven: PolicyCheck = ({ path, policies: { validate } }) => {
  if (validate === null || validate === 'off') return [];
  const { openapi, basePath, responses, ...others } = validate;
  const at = [...path, 'validate'];
  const owner = ownerOf(path);
  const inline = (['path', 'query', 'headers', 'body'] as const).filter((key) => others[key] !== null);
  const conflict = (key: string, message: string): Draft => ({
    code: 'CONFLICT',
    message: `${owner}: ${message}`,
    path: [...at, key],
    at: 'key',
  });
  if (openapi !== null)
    return inline.map((key) => conflict(key, `validate has openapi and ${key}; keep one of them`));
  // What is well formed for an API is in its document.
  if (inline.length === 0 && path[0] !== 'apis') {
    const message = `${owner}: validate says nothing of what is well formed; give it openapi, or path, query, headers and body`;
    return [{ code: 'MISSING_KEY', message, path: at, at: 'key' }];
  }
  if (inline.length === 0) return [];
  return [
    ...(basePath === '/' ? [] : [conflict('basePath', 'validate.basePath has no effect without openapi')]),
    ...(responses === 'off'
      ? []
      : [conflict('responses', 'only an OpenAPI document says what responses are')]),
  ];
};

/** Parameters of the path that are validated are in it. Of the defaults that is not asked: paths differ. */
export const validatedParametersExist: HolderCheck = (holder, _document, referenceAt) => {
  const { match, policies } = holder.route;
  const source = policies.validate?.source;
  const isAsked = holder.path[0] === 'routes' && isOwn(holder, 'validate');
  if (source?.kind !== 'inline' || !isAsked) return [];
  const known = new Set(parametersOf(match.path));
  return Object.keys(source.schemas.path)
    .filter((name) => !known.has(name))
    .map((name): Draft => {
      const path = [...holder.path, 'policies', 'validate', 'path', name];
      const parameter = { name, path, pattern: match.path, user: 'validate' } as const;
      return { ...unknownParameter(parameter, known, referenceAt), at: 'key' };
    });
};
