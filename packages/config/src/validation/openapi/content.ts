import { bodyCheck, isReadable, type BodyPlan, type BodyRule } from '../bodies/body-rule.ts';
import { formPlan } from '../bodies/form-plan.ts';
import { mediaRanges, readMediaType } from '../bodies/media-type.ts';
import { isObject } from '../json.ts';
import { lazy } from '../lazy.ts';
import type { Description } from './description.ts';
import type { Place } from './document-set.ts';
import { memberPlace, memberPlaces } from './places.ts';
import type { Refused } from './refused-properties.ts';

/** What is to be done about a body, by its `Content-Type`. */
export type Content = (contentType: string | undefined) => BodyRule;

const ANY: BodyRule = { kind: 'any' };
const UNDESCRIBED: BodyRule = { kind: 'undescribed' };

/** Reads the `content` of a Request Body or a Response Object. A body without `Content-Type` is just bytes (RFC 9110 §8.3). */
export function contentOf(owner: Place, description: Description, refused: Refused): Content {
  const described = new Map(
    memberPlaces(owner, 'content').map((place) => [
      place.key,
      lazy(() => bodyPlan(description.follow(place), description, refused)),
    ]),
  );
  if (described.size === 0) return () => UNDESCRIBED;
  const types = [...described.keys()];
  const rangeOf = mediaRanges(types);
  const accept = types.filter((type) => readMediaType(type) !== null).join(', ');
  const unsupported: BodyRule = { kind: 'unsupported', accept };
  return (contentType = 'application/octet-stream') => {
    const type = readMediaType(contentType);
    const plan = type === null ? undefined : described.get(rangeOf(type.essence) ?? '');
    if (type === null || plan === undefined || !isReadable(type)) return unsupported;
    const check = bodyCheck(type, plan());
    return check === null ? ANY : { kind: 'check', check };
  };
}

function bodyPlan(mediaType: Place | null, description: Description, refused: Refused): BodyPlan {
  const schema = mediaType === null ? null : memberPlace(mediaType, 'schema');
  if (mediaType === null || schema === null) return { check: null, form: null };
  const fields = isObject(mediaType.value) ? mediaType.value : {};
  return {
    check: description.check(schema, refused),
    form: formPlan(fields, description.shape(schema)),
  };
}
