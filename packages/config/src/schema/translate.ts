import { planned } from './typebox.ts';

/** Between the protocol of callers and that of the service. */
export const translate = planned({
  translate: [
    'Between protocols.',
    { grpc: 'transcode | web.', mcp: ['REST and gRPC operations as MCP tools.', { tools: 'Which.' }] },
  ],
});
