import { memberOf, objectAt, textAt, type JsonObject } from '../json.ts';
import { styleOf, type Style } from '../parameters/style.ts';
import type { ValueShape } from '../value-shape.ts';
import { mediaRanges, type MediaRanges } from './media-type.ts';

/** How a property is written in a form (Encoding Object, OpenAPI 3.2 §4.15). */
export interface PropertyEncoding {
  /** Media types and ranges that it may have; empty: by the type of the property. */
  readonly contentTypes: readonly string[];
  /** Which of them a media type is. */
  readonly contentTypeOf: MediaRanges;
  /** Set if it is written like a parameter of a query. */
  readonly asParameter: { readonly style: Style; readonly explode: boolean } | null;
}

/** What a form is to be read as. */
export interface FormPlan {
  readonly shape: ValueShape;
  readonly encodings: ReadonlyMap<string, PropertyEncoding>;
}

/** Plans a form by the Media Type Object that describes it. */
export function formPlan(mediaType: JsonObject, shape: ValueShape): FormPlan {
  const encodings = Object.entries(objectAt(mediaType, 'encoding'));
  return { shape, encodings: new Map(encodings.map(([name, encoding]) => [name, encodingOf(encoding)])) };
}

function encodingOf(encoding: unknown): PropertyEncoding {
  const style = styleOf(textAt(encoding, 'style'), 'query');
  const explode = memberOf(encoding, 'explode') ?? style === 'form';
  const isStyled = ['style', 'explode', 'allowReserved'].some(
    (name) => memberOf(encoding, name) !== undefined,
  );
  const contentTypes = textAt(encoding, 'contentType')
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== '');
  return {
    contentTypes,
    contentTypeOf: mediaRanges(contentTypes),
    asParameter: isStyled ? { style, explode: explode === true } : null,
  };
}
