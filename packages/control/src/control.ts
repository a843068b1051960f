// The door of the package.

export type { GatewayPort, SteeringPort } from './gateway-port.ts';
