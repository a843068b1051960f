import type { BodyRule } from '../bodies/body-rule.ts';
import { wholeBody } from '../bodies/body-rule.ts';
import type { Operation, ResponseContract } from '../contract.ts';
import { memberOf } from '../json.ts';
import { lazy } from '../lazy.ts';
import { parametersCheck } from '../parameters/parameters.ts';
import { contentOf, type Content } from './content.ts';
import { parametersOf } from './described-parameters.ts';
import type { Description } from './description.ts';
import type { Place } from './document-set.ts';
import { headerPlan, parameterPlan } from './parameter-plans.ts';
import { memberPlace, memberPlaces } from './places.ts';

/** What surrounds an operation in its document. */
export interface OperationPlan {
  readonly pathItem: Place;
  readonly operation: Place;
  /** Of the parameters of the path template, in their order. */
  readonly names: readonly string[];
}

const UNDESCRIBED: BodyRule = { kind: 'undescribed' };

/** Compiles an operation, part by part as it is used. */
export function compileOperation(plan: OperationPlan, description: Description): Operation {
  const { operation } = plan;
  const parameters = lazy(() => parametersCheck(parameterPlans(plan, description)));
  const requestBody = memberPlace(operation, 'requestBody');
  const request = requestBody === null ? null : description.follow(requestBody);
  const content = lazy((): Content =>
    request === null ? () => UNDESCRIBED : contentOf(request, description, 'readOnly'),
  );
  const isRequired = request !== null && memberOf(request.value, 'required') === true;
  const missing = isRequired ? [wholeBody('required', 'must be there')] : [];
  const responses = responsesOf(operation, description);
  return {
    pointer: operation.pointer,
    checkHead: (head, unknown) => parameters()(head, unknown),
    body: (contentType) => content()(contentType),
    missingBody: () => missing,
    response: responses,
  };
}

function parameterPlans({ pathItem, operation, names }: OperationPlan, description: Description) {
  return parametersOf(pathItem, operation, (place) => description.follow(place))
    .map((parameter) => parameterPlan(parameter, names, description))
    .filter((plan) => plan !== null);
}

/** By status, its class (`4XX`), or `default`. */
function responsesOf(operation: Place, description: Description): Operation['response'] {
  const byStatus = new Map(
    memberPlaces(operation, 'responses').map((place) => [
      place.key.toUpperCase(),
      lazy(() => compileResponse(description.follow(place), description)),
    ]),
  );
  return (status) => {
    const found =
      byStatus.get(String(status)) ??
      byStatus.get(`${Math.trunc(status / 100)}XX`) ??
      byStatus.get('DEFAULT');
    return found === undefined ? null : found();
  };
}

function compileResponse(response: Place | null, description: Description): ResponseContract {
  if (response === null) return { checkHead: () => [], body: () => ({ kind: 'any' }) };
  const headers = lazy(() => {
    const places = memberPlaces(response, 'headers').filter(
      ({ key }) => key.toLowerCase() !== 'content-type',
    );
    const plans = places.map((place) => {
      const header = description.follow(place);
      return header === null ? null : headerPlan(place.key, header, description);
    });
    return parametersCheck(plans.filter((plan) => plan !== null));
  });
  const content = lazy(() => contentOf(response, description, 'writeOnly'));
  return {
    checkHead: (head) => headers()(head, 'allow'),
    body: (contentType) => content()(contentType),
  };
}
