import type { Description } from '../openapi/description.ts';
import type { Place } from '../openapi/document-set.ts';
import { parametersOf } from '../openapi/described-parameters.ts';
import { operationsOf, pathItems } from '../openapi/path-items.ts';
import { templateSegments } from '../openapi/path-template.ts';
import { isObject } from '../json.ts';
import { error, warning, type DocumentProblem } from './problem.ts';

/** What is wrong with the paths of a document, and with the parameters of their operations. */
export function pathProblems(description: Description): DocumentProblem[] {
  const root = description.documents.root(description.uri);
  if (!isObject(root)) return [];
  const shapes = new Map<string, string>();
  return pathItems(root).flatMap(({ template, pointer }) => {
    const written = description.at(pointer);
    const pathItem = written === null ? null : description.follow(written);
    if (written === null || pathItem === null || !isObject(pathItem.value)) return [];
    const shape = template.replaceAll(/\{[^{}]*\}/g, '{}');
    const same = shapes.get(shape);
    shapes.set(shape, same ?? template);
    return [
      ...(same === undefined ? [] : [error(written, `matches the same requests as ${same}`)]),
      ...operationProblems(pathItem, template, description),
    ];
  });
}

function operationProblems(pathItem: Place, template: string, description: Description): DocumentProblem[] {
  const names = templateSegments(template).flatMap((segment) => segment.names);
  const operations = isObject(pathItem.value) ? operationsOf(pathItem.value, pathItem.pointer, template) : [];
  return operations.flatMap(({ pointer, operation: value }) => {
    const operation = { uri: pathItem.uri, pointer, value };
    const inPath = parametersOf(pathItem, operation, (place) => description.follow(place)).filter(
      (parameter) => parameter.in === 'path',
    );
    const described = new Set(inPath.map(({ name }) => name));
    return [
      ...names
        .filter((name) => !described.has(name))
        .map((name) => warning(operation, `does not describe {${name}} of its path, which may be anything`)),
      ...inPath
        .filter(({ name }) => !names.includes(name))
        .map(({ name, place }) =>
          warning(place, `describes {${name}}, which the path ${template} does not have`),
        ),
    ];
  });
}
