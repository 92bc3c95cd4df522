import type { JSX } from 'preact';
import { useWords } from '../i18n/context';
import { hrefOf, pages, type Page, type Route } from '../route';
import { isBox } from '../state/floors';
import { isHeeded, type State } from '../state/reducer';
import { may, mayDecide, useSession, type Session } from '../state/session';

/** Whether there is anything for this person behind the link. */
export function isOffered(page: Page, session: Session | null, state: State): boolean {
  if (page === 'hours') return mayDecide(session) && [...state.devices.values()].some(isBox);
  if (page === 'network') return state.keys !== null && mayDecide(session);
  return page !== 'access' || may(session, 'admin');
}

/** The way to the other pages, and what waits there. */
export function Nav({ route, state }: { route: Route; state: State }): JSX.Element {
  const { t } = useWords();
  const session = useSession();
  const here = route.page === 'module' ? 'modules' : route.page;
  const marks: Partial<Record<Page, number>> = {
    alarms: state.system?.alarms.filter((alarm) => !isHeeded(alarm)).length,
    network: state.keys?.waiting.length,
  };
  return (
    <nav class="pages" aria-label={t('pages')}>
      {pages
        .filter((page) => isOffered(page, session, state))
        .map((page) => (
          <a key={page} href={hrefOf({ page })} aria-current={page === here ? 'page' : undefined}>
            {t(`page_${page}`)}
            {Boolean(marks[page]) && <b>{marks[page]}</b>}
          </a>
        ))}
    </nav>
  );
}
