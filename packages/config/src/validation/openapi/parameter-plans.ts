import { isJson, readMediaType } from '../bodies/media-type.ts';
import { memberOf, textAt } from '../json.ts';
import type { ParameterPlan } from '../parameters/parameter.ts';
import { styleOf, type ParameterLocation } from '../parameters/style.ts';
import { shapeOf, type ValueShape } from '../value-shape.ts';
import type { Description } from './description.ts';
import type { Place } from './document-set.ts';
import type { DescribedParameter } from './described-parameters.ts';
import { memberPlace, memberPlaces } from './places.ts';
import type { Refused } from './refused-properties.ts';

/** Plans the check of a parameter; `names` are those of the path, in their order. Null: nothing can be said of it. */
export function parameterPlan(
  { name, in: location, place }: DescribedParameter,
  names: readonly string[],
  description: Description,
): ParameterPlan | null {
  if (location === 'querystring') return wholeQueryPlan(place, description);
  const index = names.indexOf(name);
  if (!isLocation(location) || (location === 'path' && index === -1)) return null;
  const style = styleOf(textAt(place.value, 'style'), location);
  const isExploded = memberOf(place.value, 'explode') ?? (style === 'form' || style === 'cookie');
  return {
    name,
    in: location,
    required: location === 'path' || memberOf(place.value, 'required') === true,
    allowEmptyValue: memberOf(place.value, 'allowEmptyValue') === true,
    style,
    explode: isExploded === true,
    index,
    ...valuePlan(place, description, 'readOnly'),
  };
}

function isLocation(name: string): name is ParameterLocation {
  return ['path', 'query', 'header', 'cookie'].includes(name);
}

/** The same for a header of a response. */
export function headerPlan(name: string, place: Place, description: Description): ParameterPlan {
  return {
    name,
    in: 'header',
    required: memberOf(place.value, 'required') === true,
    allowEmptyValue: false,
    style: 'simple',
    explode: memberOf(place.value, 'explode') === true,
    index: 0,
    ...valuePlan(place, description, 'writeOnly'),
  };
}

/** 3.2: all of the query is one object, written as a form is. */
function wholeQueryPlan(place: Place, description: Description): ParameterPlan | null {
  const form = memberPlaces(place, 'content').find(({ key }) => key === 'application/x-www-form-urlencoded');
  const schema = form === undefined ? null : memberPlace(form, 'schema');
  if (schema === null) return null;
  return {
    name: textAt(place.value, 'name'),
    in: 'query',
    required: memberOf(place.value, 'required') === true,
    allowEmptyValue: false,
    style: 'form',
    explode: true,
    index: 0,
    shape: description.shape(schema),
    isJson: false,
    check: description.check(schema, 'readOnly'),
  };
}

/** A parameter has a schema, or is written in one media type. */
function valuePlan(
  place: Place,
  description: Description,
  refused: Refused,
): Pick<ParameterPlan, 'shape' | 'isJson' | 'check'> {
  const schema = memberPlace(place, 'schema');
  if (schema !== null)
    return { shape: description.shape(schema), isJson: false, check: description.check(schema, refused) };
  const [written] = memberPlaces(place, 'content');
  const content = written === undefined ? null : description.follow(written);
  const inContent = content === null ? null : memberPlace(content, 'schema');
  return {
    shape: textShape(description),
    isJson: isJson(readMediaType(written?.key ?? '')?.essence ?? ''),
    check: inContent === null ? () => [] : description.check(inContent, refused),
  };
}

function textShape({ documents, uri }: Description): ValueShape {
  return shapeOf([{ value: { type: 'string' }, uri }], documents);
}
