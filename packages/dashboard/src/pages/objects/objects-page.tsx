import { kindAt } from '../../api/kinds.ts';
import { usePlace } from '../../router/location.ts';
import { NewObject } from './new-object.tsx';
import { ObjectDetail } from './object-detail.tsx';
import { ObjectList } from './object-list.tsx';

/** The pages of one kind of object: all of them, one of them, and a new one. */
export function Page() {
  const { path } = usePlace();
  const kind = kindAt(path[0] ?? '') ?? 'routes';
  const name = path[1];
  if (name === undefined) return <ObjectList key={kind} kind={kind} />;
  if (name === '+new') return <NewObject key={kind} kind={kind} />;
  return <ObjectDetail key={`${kind}/${name}`} kind={kind} name={name} />;
}
