import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Banners } from './components/banners';
import { Card } from './components/card';
import { Floors } from './components/floors';
import { Gate } from './components/gate';
import { Header } from './components/header';
import { HistoryDialog } from './components/history';
import { Icon } from './components/icons';
import { KeysPanel } from './components/keys';
import type { Language } from './i18n';
import { rememberedLanguage, rememberLanguage, useWords, WordsContext, wordsOf } from './i18n/context';
import { followEvents, type Follower } from './state/events';
import { isBox } from './state/floors';
import { selectDevices, type View } from './state/select';
import { may, useSession } from './state/session';
import { dispatch, useStore } from './state/store';

interface Opened {
  readonly mac: string;
  readonly slot: number;
  readonly field: string;
}

export function App(): JSX.Element {
  const [language, setLanguage] = useState(rememberedLanguage);
  const words = useMemo(() => wordsOf(language), [language]);
  const choose = useCallback((chosen: Language) => {
    rememberLanguage(chosen);
    setLanguage(chosen);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <WordsContext.Provider value={words}>
      <Gate onLanguage={choose}>
        <Dashboard onLanguage={choose} />
      </Gate>
    </WordsContext.Provider>
  );
}

function Dashboard({ onLanguage }: { onLanguage: (language: Language) => void }): JSX.Element {
  const state = useStore();
  const words = useWords();
  const session = useSession();
  // Where nobody needs an account, whoever is at the machine decides.
  const mayAdmit = may(session, 'admin') || session?.login_required === false;
  const [view, setView] = useState<View>({ search: '', offlineOnly: false, sort: 'name' });
  const [opened, setOpened] = useState<Opened | null>(null);
  const follower = useRef<Follower>();
  const open = useCallback((mac: string, slot: number, field: string) => setOpened({ mac, slot, field }), []);

  useEffect(() => {
    follower.current = followEvents(dispatch);
    const timer = setInterval(() => dispatch({ type: 'tick', now: Date.now() }), 1000);
    return () => {
      clearInterval(timer);
      follower.current?.stop();
    };
  }, []);

  const all = [...state.devices.values()];
  const modules = all.filter((device) => !isBox(device));
  const shown = selectDevices(modules, view, words.language);
  const openedDevice = opened ? state.devices.get(opened.mac) : undefined;
  return (
    <>
      <Header
        state={state}
        view={view}
        onView={(change) => setView({ ...view, ...change })}
        onLanguage={onLanguage}
      />
      <Banners state={state} onRetry={() => follower.current?.retry()} />
      <main class={state.link === 'away' ? 'dim' : ''}>
        {state.keys && mayAdmit && <KeysPanel keys={state.keys} devices={[...state.devices.values()]} clockOffsetMs={state.clockOffsetMs} />}
        {!state.loaded && <Skeleton />}
        {state.loaded && state.devices.size === 0 && <NoModules />}
        {state.loaded && modules.length > 0 && shown.length === 0 && (
          <div class="nothing">
            <p>{words.t('nothing_found', { text: view.search })}</p>
            <button type="button" onClick={() => setView({ ...view, search: '', offlineOnly: false })}>
              {words.t('show_all')}
            </button>
          </div>
        )}
        <Floors devices={all} onOpen={open} />
        <div class="cards">
          {shown.map((device) => (
            <Card key={device.mac} device={device} pending={state.pending} clockOffsetMs={state.clockOffsetMs} onOpen={open} />
          ))}
        </div>
      </main>
      {opened && openedDevice && (
        <HistoryDialog
          key={`${opened.mac}/${opened.slot}`}
          device={openedDevice}
          slot={opened.slot}
          field={opened.field}
          clockOffsetMs={state.clockOffsetMs}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}

function NoModules(): JSX.Element {
  const { t } = useWords();
  return (
    <div class="nothing">
      <Icon name="search" size={32} />
      <h2>{t('no_modules')}</h2>
      <p>{t('no_modules_hint')}</p>
    </div>
  );
}

/** Where the cards will be. */
function Skeleton(): JSX.Element {
  return (
    <div class="cards" aria-hidden="true">
      {[3, 2, 3, 1, 2, 3].map((rows, index) => (
        <div class="card skeleton" key={index}>
          <i />
          {Array.from({ length: rows }, (_, row) => (
            <b key={row} />
          ))}
        </div>
      ))}
    </div>
  );
}
