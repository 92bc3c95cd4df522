import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Banners } from './components/banners';
import { Card } from './components/card';
import { Floors } from './components/floors';
import { Gate } from './components/gate';
import { Header } from './components/header';
import { HistoryDialog } from './components/history';
import { Icon } from './components/icons';
import { JoinPanel } from './components/join';
import { ManageLoader } from './components/manage_loader';
import { Nav } from './components/nav';
import type { Language } from './i18n';
import { rememberedLanguage, rememberLanguage, useWords, WordsContext, wordsOf } from './i18n/context';
import { useRoute } from './route';
import { followEvents, type Follower } from './state/events';
import { isBox } from './state/floors';
import { rememberedLayout, rememberLayout } from './state/layout';
import type { State } from './state/reducer';
import { selectDevices, type View } from './state/select';
import { mayDecide, useSession } from './state/session';
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
  const route = useRoute();
  const [view, setView] = useState<View>(() => ({ search: '', offlineOnly: false, sort: 'name', layout: rememberedLayout() }));
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

  useEffect(() => {
    document.title = route.page === 'modules' ? 'Espial' : `${words.t(`page_${route.page}`)} · Espial`;
  }, [route.page, words]);

  const change = (changed: Partial<View>): void => {
    if (changed.layout) rememberLayout(changed.layout);
    setView({ ...view, ...changed });
  };
  const openedDevice = opened ? state.devices.get(opened.mac) : undefined;
  return (
    <>
      <Header
        state={state}
        view={view}
        onView={route.page === 'modules' ? change : null}
        onLanguage={onLanguage}
      >
        <Nav route={route} state={state} />
      </Header>
      <Banners state={state} onRetry={() => follower.current?.retry()} />
      <main class={state.link === 'away' ? 'dim' : ''}>
        {!state.loaded && <Skeleton />}
        {state.loaded && route.page === 'modules' && <Modules state={state} view={view} onView={setView} onOpen={open} />}
        {state.loaded && route.page !== 'modules' && <ManageLoader route={route} state={state} onOpen={open} />}
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

interface ModulesProps {
  readonly state: State;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onOpen: (mac: string, slot: number, field: string) => void;
}

function Modules({ state, view, onView, onOpen }: ModulesProps): JSX.Element {
  const { t, language } = useWords();
  const session = useSession();
  const all = [...state.devices.values()];
  const modules = all.filter((device) => !isBox(device));
  const shown = selectDevices(modules, view, language);
  return (
    <>
      {state.keys && mayDecide(session) && <JoinPanel keys={state.keys} clockOffsetMs={state.clockOffsetMs} />}
      {all.length === 0 && <NoModules />}
      {modules.length > 0 && shown.length === 0 && (
        <div class="nothing">
          <p>{view.search.trim() ? t('nothing_found', { text: view.search }) : t('summary', { count: modules.length, online: modules.length })}</p>
          <button type="button" onClick={() => onView({ ...view, search: '', offlineOnly: false })}>
            {t('show_all')}
          </button>
        </div>
      )}
      <Floors devices={all} onOpen={onOpen} />
      <div class={`cards ${view.layout}`}>
        {shown.map((device) => (
          <Card key={device.mac} device={device} pending={state.pending} clockOffsetMs={state.clockOffsetMs} onOpen={onOpen} />
        ))}
      </div>
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
