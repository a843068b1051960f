// What the command line uses of the data plane without running it. What is missing here goes into `packages/gateway/src/tools.ts`.

export * from '@turnpike/gateway/tools';
