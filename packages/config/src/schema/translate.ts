import { mcp } from './mcp.ts';
import { optional, planned, section } from './typebox.ts';

/** Between the protocol of callers and that of the service. */
export const translate = {
  translate: optional(
    section('Between protocols.', {
      ...planned({ grpc: 'transcode | web.' }),
      mcp: optional(mcp),
    }),
  ),
};
