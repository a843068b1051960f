import { choice, flag, list, notation, optional, orElse, section, text, word } from './typebox.ts';
import { graphqlOperation } from './graphql-operation.ts';
import { mcp } from './mcp.ts';
import { size } from './size.ts';
import { soap } from './soap.ts';

const template = (method: string) =>
  optional(
    notation('httpTemplate', `\`${method}\` requests of this path, such as /v1/{name=shelves/*}/books.`),
  );

const binding = {
  get: template('GET'),
  put: template('PUT'),
  post: template('POST'),
  delete: template('DELETE'),
  patch: template('PATCH'),
  custom: optional(
    section('Requests of another method.', {
      kind: notation('method', 'The method.'),
      path: notation('httpTemplate', 'The path.'),
    }),
  ),
  body: orElse(
    text('The field that the body is; `*`: all fields that are not in the path. Empty: there is no body.'),
    '',
  ),
  responseBody: orElse(text('The field of the reply that the body is. Empty: all of it.'), ''),
};

const rule = section('As `google.api.HttpRule`. Has one of get, put, post, delete, patch and custom.', {
  selector: word('The method of the service: `package.Service.Method`.'),
  ...binding,
  additionalBindings: orElse(
    list('Other ways to call the same method.', section('Another path or method.', binding)),
    [],
  ),
});

/** Between the protocol of callers and that of the service. */
export const translate = {
  translate: optional(
    section('Between the protocol of callers and that of the service. Has `grpc` or `mcp`.', {
      grpc: optional(
        choice(
          '`transcode`: HTTP and JSON to gRPC, by `google.api.http`. `web`: gRPC-Web and Connect to gRPC.',
          ['transcode', 'web'],
        ),
      ),
      unknownQuery: orElse(
        choice('What becomes of query parameters that are no field of the message.', ['refuse', 'ignore']),
        'refuse',
      ),
      ignoredQuery: orElse(
        list('Query parameters that are for others. Those that begin with `$` always are.', word('A name.')),
        [],
      ),
      unknownFields: orElse(
        choice('What becomes of fields in JSON that the message does not have.', ['refuse', 'ignore']),
        'refuse',
      ),
      emitDefaults: orElse(flag('Whether fields that have their default value are written too.'), false),
      messageSize: orElse(size('The largest message, both ways.', 1), '4MiB'),
      streamAs: orElse(
        choice('How streams are written when `Accept` does not say.', ['array', 'ndjson', 'sse']),
        'array',
      ),
      rules: orElse(
        list(
          'How methods are called, instead of what their annotations say. The last of a method counts.',
          rule,
        ),
        [],
      ),
      connectGet: orElse(
        choice(
          'Which methods Connect clients may call by GET: those that are known to have no side effects (`safe`), `any`, or `none`.',
          ['safe', 'any', 'none'],
        ),
        'safe',
      ),
      connectVersion: orElse(
        choice('Whether unary requests of Connect clients have to name its version.', [
          'optional',
          'required',
        ]),
        'optional',
      ),
      graphql: optional(graphqlOperation),
      soap: optional(soap),
      mcp: optional(mcp),
    }),
  ),
};
