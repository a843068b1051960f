// The service of this example: gRPC by grpc-js, on GREETER_PORT or 50051.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// google/api/annotations.proto comes with protobufjs.
const annotations = dirname(createRequire(import.meta.url).resolve('protobufjs/package.json'));
const source = fileURLToPath(new URL('greeter.proto', import.meta.url));
const { greeter } = loadPackageDefinition(loadSync(source, { includeDirs: [annotations], enums: String }));
const greetings = new Map();

function greet({ name, tone }) {
  const before = greetings.get(name) ?? 0;
  greetings.set(name, before + 1);
  const text = `Hello, ${name}`;
  return { text: tone === 'LOUD' ? text.toUpperCase() : text, before };
}

const server = new Server();
server.addService(greeter.v1.Greeter.service, {
  sayHello({ request }, answer) {
    if (request.name === 'nobody') answer({ code: status.NOT_FOUND, details: 'Nobody is not here' });
    else answer(null, greet(request));
  },
  keepGreeting(call) {
    const { name, times } = call.request;
    for (let i = 0; i < Math.min(times ?? 1, 1000); i++) call.write(greet({ name }));
    call.end();
  },
  forget({ request }, answer) {
    greetings.delete(request.name);
    answer(null, {});
  },
});

const address = `127.0.0.1:${process.env.GREETER_PORT ?? 50051}`;
server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listening on ${port}`);
});
