import { readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import * as grpc from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

/** How a gRPC server is set up. */
export interface ServerPlan {
  /** Versions of server reflection. */
  readonly versions: readonly ('v1' | 'v1alpha')[];
  /** PEM texts; null: in the clear. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** 0: any that is free. */
  readonly port: number;
}

/** A real gRPC server that describes itself. */
export interface ReflectingServer {
  readonly port: number;
  close(): void;
}

const FIXTURES = new URL('../../src/translate/grpc/schema/fixtures/fixtures.binpb', import.meta.url);

/** Only what the service needs: protobufjs, which is behind the server, describes maps and proto2 wrongly. */
function filesOfLibrary(): Uint8Array {
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(FIXTURES));
  const file = set.file
    .filter(({ name }) => !/legacy|modern/.test(name))
    .map((one) =>
      one.package === 'turnpike.test'
        ? { ...one, messageType: one.messageType.filter(({ name }) => name !== 'All'), enumType: [] }
        : one,
    );
  return toBinary(FileDescriptorSetSchema, { ...set, file });
}

/** Starts one with `turnpike.test.Library`, whose books all have more pages than a double can count. */
export async function startReflectingServer(plan: Partial<ServerPlan> = {}): Promise<ReflectingServer> {
  const { versions = ['v1', 'v1alpha'], tls = null, port = 0 } = plan;
  const server = new grpc.Server();
  const definitions = loadFileDescriptorSetFromBuffer(Buffer.from(filesOfLibrary()));
  const library = definitions['turnpike.test.Library'] as grpc.ServiceDefinition;
  const get: grpc.handleUnaryCall<{ name: string }, object> = ({ request }, answer) =>
    answer(null, { name: request.name, pages: '9007199254740993' });
  server.addService(library, { Get: get, Put: () => {} });
  const reflection = new ReflectionService(definitions, { services: ['turnpike.test.Library'] });
  reflection.addToServer({
    addService: (service, implementation) => {
      const [method] = Object.values(service);
      if (versions.some((version) => method?.path.startsWith(`/grpc.reflection.${version}.`)))
        server.addService(service, implementation);
    },
  });
  const credentials =
    tls === null
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) },
        ]);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
  return { port: bound, close: () => server.forceShutdown() };
}
