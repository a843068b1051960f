// The door of the package: everything that a plugin is made with. Imports nothing, so that a plugin needs nothing else.

export type { Body, Client, Exchange, Fields, Url } from './exchange.ts';
export type { Identity, Json } from './identity.ts';
export type { ParameterNames, RouteParameters } from './parameters.ts';
export {
  definePolicy,
  isPolicy,
  policyFor,
  type AnyPolicy,
  type Context,
  type DefinePolicy,
  type Facts,
  type Handler,
  type Log,
  type Next,
  type Policy,
  type PolicyDefinition,
} from './policy.ts';
export {
  isMade,
  kindOf,
  problem,
  refuse,
  REFUSALS,
  respond,
  type MadeProblem,
  type MadeRefusal,
  type MadeReply,
  type Made,
  type RefusalCode,
  type Reply,
  type Answer,
} from './reply.ts';
export type { ConfigOf, JsonSchema, WrittenOf } from './schema.ts';
export { SLOTS, type Slot } from './slots.ts';
export { valueKey, type ValueKey } from './value-key.ts';
