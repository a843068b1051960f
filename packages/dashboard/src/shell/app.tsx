import { Component, type ReactNode, Suspense, useEffect, useState } from 'react';
import { OUTDATED, Problem } from '../api/client.ts';
import { useMe } from '../api/gateway.ts';
import { usePlace } from '../router/location.ts';
import { Empty, PageHead } from '../ui/layout.tsx';
import { Skeleton, Trouble } from '../ui/states.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { Bar } from './bar.tsx';
import { Help } from './help.tsx';
import { Login } from './login.tsx';
import { Drawer, Navigation } from './navigation.tsx';
import { Palette } from './palette.tsx';
import { announceEntry } from './entry.ts';
import { placeEntry, usePlaces } from './places.ts';
import { SessionOver } from './session-over.tsx';
import { useShortcuts } from './shortcuts.ts';

type Window = 'none' | 'palette' | 'help' | 'drawer';

/** The whole program: who may not come in sees the login and nothing else. */
export function App() {
  const me = useMe();
  const isRefused = me.error instanceof Problem && me.error.status === 401;
  useEffect(() => {
    if (me.isSuccess) announceEntry();
  }, [me.isSuccess]);
  if (isRefused && me.data === undefined) return <Login />;
  return (
    <>
      <Shell />
      {isRefused && <SessionOver />}
    </>
  );
}

function Shell() {
  const { path } = usePlace();
  const [window, open] = useState<Window>('none');
  useShortcuts({ palette: () => open('palette'), help: () => open('help') });
  const close = (): void => open('none');
  const [first] = usePlaces();
  const entry = path[0] === undefined ? first : placeEntry(path[0]);
  return (
    <>
      <a className="skip" href="#main" onClick={focusMain}>
        Skip to the page
      </a>
      <div className="app">
        <Navigation current={entry?.path ?? ''} />
        <Bar onFind={() => open('palette')} onMenu={() => open('drawer')} onHelp={() => open('help')} />
        <main id="main" className="main" tabIndex={-1}>
          <Fence key={path.join('/')}>
            <Suspense fallback={<Skeleton rows={8} />}>{entry ? <entry.Page /> : <Nowhere />}</Suspense>
          </Fence>
        </main>
      </div>
      {window === 'palette' && <Palette onClose={close} />}
      {window === 'help' && <Help onClose={close} />}
      {window === 'drawer' && <Drawer current={entry?.path ?? ''} onClose={close} />}
      <Toasts />
    </>
  );
}

/** The fragment is our address, so the jump is made by hand. */
function focusMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Nowhere() {
  return (
    <>
      <PageHead title="Not found" />
      <Empty icon="search" title="There is no such page" action={<a href="#/overview">Go to the overview</a>}>
        The address may be of another version of the dashboard.
      </Empty>
    </>
  );
}

/** Keeps a page that breaks from taking the others with it. */
class Fence extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    // What could not be loaded once is not asked for again before the whole page is.
    const isOutdated = this.state.error instanceof Problem && this.state.error.code === OUTDATED;
    const again = (): void => (isOutdated ? location.reload() : this.setState({ error: null }));
    return <Trouble error={this.state.error} onRetry={again} />;
  }
}
