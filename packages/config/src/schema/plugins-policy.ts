import { mode } from './access-policies.ts';
import { foreign, list, orElse, section, word } from './typebox.ts';

/** Stages that users wrote. */
export const plugins = list(
  'Stages that you wrote, outermost first. Where each of them runs is said by its slot.',
  section('A plugin.', {
    use: word('A file in TypeScript or JavaScript whose default export is made with `definePolicy`.'),
    with: orElse(foreign('Its configuration, by its own schema.'), {}),
    mode,
  }),
);
