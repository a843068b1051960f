import type { FileAbout } from './layout.ts';

/** Whether something that was read from a file is what we write about it. */
export function isAbout(value: unknown): value is FileAbout {
  if (!isObject(value)) return false;
  const { savedAtMs, memories, routes, fleet } = value;
  return (
    Number.isFinite(savedAtMs) &&
    Array.isArray(memories) &&
    memories.every(isMemory) &&
    isObject(routes) &&
    Object.values(routes).every((digest) => typeof digest === 'string') &&
    (fleet === null || isFleet(fleet))
  );
}

function isMemory(value: unknown): boolean {
  if (!isObject(value) || typeof value['name'] !== 'string') return false;
  const { hashKey } = value;
  return Array.isArray(hashKey) && hashKey.length === 2 && hashKey.every(Number.isInteger);
}

function isFleet(value: unknown): boolean {
  return isObject(value) && typeof value['id'] === 'string' && Number.isSafeInteger(value['known']);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
