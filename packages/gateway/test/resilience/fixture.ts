import type { TestContext } from 'node:test';
import { answer, reply, scriptedUpstream, type ScriptedUpstream, type Step } from '@turnpike/testkit';
import { gateway, type Rig } from '../wire/fixture.ts';

/** A service that fails in the way of gateways. */
export const unavailable: Step = answer(reply('down', [], '503 Service Unavailable'));

/** A service that says who it is. */
export function saysIts(name: string): Step {
  return answer(reply(name));
}

/** A gateway with the services `main` and `other`. */
export interface TwoServices extends Rig {
  readonly other: ScriptedUpstream;
}

/** What a test says of the two. */
export interface TwoServicesPlan {
  readonly main: Step;
  readonly other: Step;
  readonly service?: object;
  readonly route?: object;
  readonly routes?: Readonly<Record<string, object>>;
  readonly listener?: object;
}

/** Starts them; all of it ends with the test. */
export async function twoServices(t: TestContext, plan: TwoServicesPlan): Promise<TwoServices> {
  const { main, other: otherStep, ...rest } = plan;
  const other = await scriptedUpstream(otherStep);
  const rig = await gateway(t, {
    ...rest,
    upstream: main,
    services: { other: { endpoints: [other.url] } },
  });
  t.after(() => other.close());
  return { ...rig, other };
}
