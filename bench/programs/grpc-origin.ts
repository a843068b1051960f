/** An origin of unary gRPC calls over node:http2: PORT. Every call gets one message of 100 bytes, `message HelloReply { string text = 1; }`; GET is for who asks whether it is ready. */
import { createServer, type ServerHttp2Stream } from 'node:http2';

const message = Buffer.concat([Buffer.of(0, 0, 0, 0, 100, 0x0a, 98), Buffer.alloc(98, 'y')]);

createServer()
  .on('stream', (stream: ServerHttp2Stream) => {
    stream.resume();
    stream.on('error', () => {});
    stream.on('end', () => {
      // The load may have ended in the middle of its calls.
      if (stream.closed || stream.destroyed) return;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(message);
    });
  })
  .listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
