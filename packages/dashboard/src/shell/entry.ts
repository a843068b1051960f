// Somebody whose session ended while a form was open signs in at their provider in another tab, so that the form can stay as it is.
// Tabs know nothing of each other but what is in the storage of the browser.

const ENTERED = 'turnpike.entered';
const EXPECTED = 'turnpike.entry-expected';
const PATIENCE_MS = 600_000;

/** Before a tab is opened to sign in: it may close itself when that is done. */
export function expectEntry(): void {
  withStorage((storage) => storage.setItem(EXPECTED, String(Date.now() + PATIENCE_MS)));
}

/** Tells the other tabs that there is a session, and closes this one if it was opened for no more than that. */
export function announceEntry(): void {
  withStorage((storage) => {
    storage.setItem(ENTERED, String(Date.now()));
    const isExpected = location.hash === '' && Number(storage.getItem(EXPECTED)) > Date.now();
    if (!isExpected) return;
    storage.removeItem(EXPECTED);
    window.close();
  });
}

/** Hears of it; gives what ends that. */
export function onEntry(hear: () => void): () => void {
  const listen = ({ key }: StorageEvent): void => {
    if (key === ENTERED) hear();
  };
  window.addEventListener('storage', listen);
  return () => window.removeEventListener('storage', listen);
}

/** It can be forbidden: then the other tab stays open, and coming back to this one is enough. */
function withStorage(use: (storage: Storage) => void): void {
  try {
    use(localStorage);
  } catch {
    // as above
  }
}
