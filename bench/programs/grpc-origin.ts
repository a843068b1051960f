/** An origin of unary gRPC calls over node:http2: PORT. Every call gets one message of 100 bytes; GET is for who asks whether it is ready. */
import { createServer, type ServerHttp2Stream } from 'node:http2';

const message = Buffer.concat([Buffer.of(0, 0, 0, 0, 100), Buffer.alloc(100, 'y')]);

createServer()
  .on('stream', (stream: ServerHttp2Stream) => {
    stream.resume();
    stream.on('error', () => {});
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(message);
    });
  })
  .listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
