import { duration, flag, list, optional, orElse, section, word } from './typebox.ts';

/** What is known of the gRPC services of a service. */
export const grpc = section(
  'What is known of its gRPC services. Has one of descriptors, protos and reflection.',
  {
    descriptors: optional(
      word('A descriptor set with its imports: a file of `protoc --include_imports` or `buf build`.'),
    ),
    protos: optional(
      list(
        'Source files, compiled when the configuration is loaded.',
        word('A file, or a pattern with `*` or `**`.'),
      ),
    ),
    importPaths: optional(
      list(
        'With `protos`: where imports begin. The directories of the files by default.',
        word('A directory.'),
      ),
    ),
    reflection: optional(flag('Ask the service itself (gRPC server reflection).')),
    refresh: orElse(duration('With `reflection`: how often it is asked again.'), '5m'),
  },
);
