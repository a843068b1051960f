import { createContext } from 'react';
import type { Issue, Json } from '../api/types.ts';
import type { Path } from './document.ts';
import type { Shape } from './shape.ts';

/** What all fields of a form share. */
export interface FormPorts {
  readonly issues: readonly Issue[];
  /** `undefined` takes the key out. */
  readonly change: (path: Path, value: Json | undefined) => void;
  readonly isReadOnly: boolean;
  /** Names that a key may have as its value, such as those of services. */
  readonly namesFor: (path: Path) => readonly string[];
}

/** Reaches every field without being handed from each to the next. */
export const FormContext = createContext<FormPorts>({
  issues: [],
  change: () => {},
  isReadOnly: true,
  namesFor: () => [],
});

/** A value of the document, its place and its shape. */
export interface Part<S extends Shape = Shape> {
  readonly shape: S;
  readonly value: Json | undefined;
  readonly path: Path;
}

/** The same for a control, with what it is called and described by. */
export interface ValueProps extends Part {
  readonly label: string;
  readonly describedBy: string;
  readonly isInvalid: boolean;
}
