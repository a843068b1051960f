// The door of the test kit, for authors of plugins: a whole gateway in the process of the test, without a socket.

export type { TestCaller, TestRequest } from './test-request.ts';
export type { TestReply } from './test-reply.ts';
export type { TestService, TestServiceReply, TestUpstreamRequest } from './test-services.ts';
export { testGateway, type TestGateway } from './test-gateway.ts';
export type { PolicyPlan, ConfigPlan, TestPlan } from './test-plan.ts';
