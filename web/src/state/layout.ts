/** How the modules lie on the page; the browser remembers what its person chose. */
export type Layout = 'cards' | 'list';

const storageKey = 'espial.layout';

export function rememberedLayout(): Layout {
  try {
    return localStorage.getItem(storageKey) === 'list' ? 'list' : 'cards';
  } catch {
    // Storage may be forbidden; then each visit begins with cards.
    return 'cards';
  }
}

export function rememberLayout(layout: Layout): void {
  try {
    localStorage.setItem(storageKey, layout);
  } catch {
    // See above.
  }
}
