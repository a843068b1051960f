import type { GatewayDocument } from './schema/document.ts';

/** Gives `gateway.config.ts` completion and checking in the editor; returns its argument. */
export function defineConfig(config: GatewayDocument): GatewayDocument {
  return config;
}
