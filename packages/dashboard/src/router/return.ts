const KEY = 'turnpike.place';

/** Before somebody goes to the identity provider: it sends them back without the fragment, which is our address. */
export function rememberPlace(): void {
  try {
    sessionStorage.setItem(KEY, location.hash);
  } catch {
    // storage can be forbidden; then they come back to the overview
  }
}

/** Goes where they were, if they have just come back. */
export function returnToPlace(): void {
  try {
    const place = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    if (place?.startsWith('#/') === true && location.hash === '') history.replaceState(null, '', place);
  } catch {
    // as above
  }
}
