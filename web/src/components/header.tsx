import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Language } from '../i18n';
import { useWords } from '../i18n/context';
import { isBox } from '../state/floors';
import type { State } from '../state/reducer';
import type { Sort, View } from '../state/select';
import { useSession } from '../state/session';
import { AccountDialog } from './account_dialog';
import { Icon, Mark } from './icons';
import { LanguagePick } from './language_pick';

/** Search appears when there is more than fits on a screen. */
const searchFromCards = 12;

export interface HeaderProps {
  readonly state: State;
  readonly view: View;
  /** Null where no modules are shown. */
  readonly onView: ((change: Partial<View>) => void) | null;
  readonly onLanguage: (language: Language) => void;
  /** The way to the pages. */
  readonly children: ComponentChildren;
}

export function Header({ state, view, onView, onLanguage, children }: HeaderProps): JSX.Element {
  const { t } = useWords();
  const devices = [...state.devices.values()].filter((device) => !isBox(device));
  const count = devices.length;
  const online = devices.filter((device) => device.online).length;
  const summary = state.loaded && count > 0 ? t('summary', { count, online }) : '';
  return (
    <header class="top">
      <div class="brand">
        <Mark />
        <div>
          <h1>{t('title')}</h1>
          <p class="summary">{summary}</p>
        </div>
      </div>
      <div class="status">
        <span class={`link ${state.link}`} role="status">
          <i aria-hidden="true" />
          {t(state.link)}
        </span>
        <LanguagePick onLanguage={onLanguage} />
        <Me />
      </div>
      {children}
      {onView && count > 0 && <Tools count={count} offline={count - online} view={view} onView={onView} />}
    </header>
  );
}

/** Who is logged in; nothing where nobody has to. */
function Me(): JSX.Element | null {
  const { t } = useWords();
  const session = useSession();
  const [open, setOpen] = useState(false);
  if (!session?.account) return null;
  return (
    <>
      <button type="button" class="me" aria-label={t('account_of', { name: session.account })} onClick={() => setOpen(true)}>
        <Icon name="presence" size={16} />
        <span>{session.account}</span>
      </button>
      {open && <AccountDialog session={session} onClose={() => setOpen(false)} />}
    </>
  );
}

interface ToolsProps {
  readonly count: number;
  readonly offline: number;
  readonly view: View;
  readonly onView: (change: Partial<View>) => void;
}

function Tools({ count, offline, view, onView }: ToolsProps): JSX.Element {
  const { t } = useWords();
  const sorts: readonly Sort[] = ['name', 'recent', 'signal'];
  return (
    <div class="tools">
      {count > searchFromCards && (
        <label class="search">
          <Icon name="search" size={18} />
          <span class="sr">{t('search_modules')}</span>
          <input
            type="search"
            value={view.search}
            placeholder={t('search')}
            onInput={(event) => onView({ search: event.currentTarget.value })}
          />
        </label>
      )}
      {(offline > 0 || view.offlineOnly) && (
        <button type="button" class="chip" aria-pressed={view.offlineOnly} onClick={() => onView({ offlineOnly: !view.offlineOnly })}>
          <i aria-hidden="true" />
          {t('filter_offline', { count: offline })}
        </button>
      )}
      {count > 1 && (
        <label class="pick sort">
          <span>{t('sort')}</span>
          <select value={view.sort} onChange={(event) => onView({ sort: event.currentTarget.value as Sort })}>
            {sorts.map((sort) => (
              <option key={sort} value={sort}>
                {t(`sort_${sort}` as const)}
              </option>
            ))}
          </select>
        </label>
      )}
      {count > 1 && (
        <button
          type="button"
          class="chip layout"
          aria-pressed={view.layout === 'list'}
          aria-label={t('as_list')}
          title={t('as_list')}
          onClick={() => onView({ layout: view.layout === 'list' ? 'cards' : 'list' })}
        >
          <Icon name="list" size={18} />
        </button>
      )}
    </div>
  );
}
