import type { Draft } from '../issue.ts';
import type { Check } from './check.ts';

/** Descriptors come from one place. */
export const descriptorsComeFromOnePlace: Check = (_config, _referenceAt, { services }) =>
  Array.from(services).flatMap(([id, { grpc }]): Draft[] => {
    if (grpc === null) return [];
    const { descriptors, protos, reflection, importPaths } = grpc;
    const path = ['services', id, 'grpc'];
    const given = [
      ...(descriptors === null ? [] : ['descriptors']),
      ...(protos === null ? [] : ['protos']),
      ...(reflection === true ? ['reflection'] : []),
    ];
    if (given.length === 0) {
      const message = `services.${id}.grpc: has none of descriptors, protos and reflection; add one, such as: reflection: true`;
      return [{ code: 'MISSING_KEY', message, path, at: 'key' }];
    }
    if (given.length > 1) {
      const message = `services.${id}.grpc: has ${given.join(' and ')}; descriptors come from one place, so remove ${given.slice(1).join(' and ')}`;
      return [{ code: 'CONFLICT', message, path, at: 'key' }];
    }
    if (protos?.length === 0) {
      const message = `services.${id}.grpc.protos: is empty; name a file or a pattern, such as: protos/*.proto`;
      return [{ code: 'BAD_VALUE', message, path: [...path, 'protos'] }];
    }
    if (importPaths !== null && protos === null) {
      const message = `services.${id}.grpc.importPaths: has no effect without protos; remove it`;
      return [{ code: 'NO_EFFECT', message, path: [...path, 'importPaths'], at: 'key', severity: 'warning' }];
    }
    return [];
  });
