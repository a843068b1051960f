import { hash } from 'node:crypto';
import { tagOf, WIRE, WireWriter } from '../../../core/protobuf/wire-writer.ts';
import {
  type Ask,
  ReflectionRefused,
  type ReflectionTarget,
  UNIMPLEMENTED,
  withService,
} from './reflection-client.ts';
import {
  fileNames,
  reflectionAnswer,
  type ReflectionAnswer,
  reflectionRequest,
  type ReflectionRequest,
} from './reflection-messages.ts';

/** What a service says of itself. */
export interface Reflected {
  /** Of the bytes; the same for the same files. */
  readonly digest: string;
  /** A FileDescriptorSet with everything that its services need, as far as the service has it. */
  readonly set: Uint8Array;
}

/** The newest first: most servers have both, old ones only the second. */
const VERSIONS = ['v1', 'v1alpha'];
const MAX_SERVICES = 1000;
const MAX_FILES = 2000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Asks a service for the descriptors of all that it offers (gRPC server reflection). Rejects with what went wrong, for people. */
export function reflect(target: ReflectionTarget, signal: AbortSignal): Promise<Reflected> {
  return withService(target, signal, async (open) => {
    for (const version of VERSIONS) {
      try {
        return await gather(open(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`));
      } catch (error) {
        if (!(error instanceof ReflectionRefused) || error.status !== UNIMPLEMENTED) throw error;
      }
    }
    throw new Error(
      'the service does not offer server reflection; switch it on there, or give a descriptor set',
    );
  });
}

async function gather(ask: Ask): Promise<Reflected> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  const take = (found: readonly Uint8Array[]): void => {
    for (const file of found) {
      const { name } = fileNames(file);
      if (files.has(name)) continue;
      files.set(name, file);
      bytes += file.length;
    }
    if (files.size > MAX_FILES || bytes > MAX_BYTES)
      throw new Error('the service describes more than can be taken');
  };
  for (const symbol of await serviceNames(ask)) take(await filesOf(ask, { kind: 'symbol', symbol }));
  // A map gives what is added while one goes over it.
  const asked = new Set<string>();
  for (const file of files.values()) {
    for (const name of fileNames(file).imports) {
      if (files.has(name) || asked.has(name)) continue;
      asked.add(name);
      take(await importOf(ask, name));
    }
  }
  return setOf(files);
}

async function serviceNames(ask: Ask): Promise<readonly string[]> {
  const answer = await exchange(ask, { kind: 'services' });
  if (answer.kind !== 'services') throw new Error(`it did not list its services${reason(answer)}`);
  if (answer.names.length > MAX_SERVICES) throw new Error('the service describes more than can be taken');
  // Reflection itself is for those who ask, not for those who call.
  return answer.names.filter((name) => !name.startsWith('grpc.reflection.'));
}

async function filesOf(ask: Ask, request: ReflectionRequest): Promise<readonly Uint8Array[]> {
  const answer = await exchange(ask, request);
  if (answer.kind === 'files') return answer.files;
  throw new Error(
    `it did not describe ${request.kind === 'symbol' ? request.symbol : request.kind}${reason(answer)}`,
  );
}

/** Well-known files are often not there, and need not be. What else lacks is told when the set is opened. */
async function importOf(ask: Ask, name: string): Promise<readonly Uint8Array[]> {
  const answer = await exchange(ask, { kind: 'file', name });
  return answer.kind === 'files' ? answer.files : [];
}

async function exchange(ask: Ask, request: ReflectionRequest): Promise<ReflectionAnswer> {
  return reflectionAnswer(await ask(reflectionRequest(request)));
}

function reason(answer: ReflectionAnswer): string {
  return answer.kind === 'error'
    ? `: ${answer.message || 'no reason given'} (gRPC status ${answer.code})`
    : '';
}

/** In order of names, so that the same files have the same digest in whatever order they came. */
function setOf(files: ReadonlyMap<string, Uint8Array>): Reflected {
  const writer = new WireWriter();
  for (const name of [...files.keys()].sort()) {
    const file = files.get(name) ?? new Uint8Array(0);
    writer.varint(tagOf(1, WIRE.delimited));
    writer.varint(file.length);
    writer.raw(file);
  }
  const set = writer.finish();
  return { digest: hash('sha256', set), set };
}
