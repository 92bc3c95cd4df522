import type { ComponentChildren, JSX } from 'preact';

/** What a page is about, and what can be made on it. */
export function PageHead({ title, hint, children }: { title: string; hint?: string; children?: ComponentChildren }): JSX.Element {
  return (
    <header class="page-head">
      <div>
        <h2>{title}</h2>
        {hint && <p class="hint">{hint}</p>}
      </div>
      {children}
    </header>
  );
}

/** A part of a page with a heading of its own. */
export function Section({ title, hint, children }: { title: string; hint?: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="tile" aria-label={title}>
      <h3>{title}</h3>
      {hint && <p class="hint">{hint}</p>}
      {children}
    </section>
  );
}
