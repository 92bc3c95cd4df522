/** Lets in whoever may look; shows everybody else how to get in. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Language } from '../i18n';
import { useWords } from '../i18n/context';
import { logIn, setUp } from '../state/accounts';
import { refreshSession, setupSecret, useClosed, useSession } from '../state/session';
import type { Reason } from '../state/types';
import { Field, Form } from './form';
import { Icon, Mark } from './icons';
import { LanguagePick } from './language_pick';

/** A hub that did not answer is asked again. */
const retryMs = 2_000;

export interface GateProps {
  readonly children: ComponentChildren;
  readonly onLanguage: (language: Language) => void;
}

export function Gate({ children, onLanguage }: GateProps): JSX.Element | null {
  const { t } = useWords();
  const session = useSession();
  const closed = useClosed();
  const secret = setupSecret(location.hash);
  useEffect(() => {
    void refreshSession();
    if (session) return undefined;
    const timer = setInterval(() => void refreshSession(), retryMs);
    return () => clearInterval(timer);
  }, [session === null]);

  if (!session) return closed && <Closed reason={closed} onLanguage={onLanguage} />;
  if (session.role !== null && !(secret && session.setup_needed)) return <>{children}</>;
  return (
    <div class="gate">
      <section class="panel" aria-label={t(secret ? 'set_up' : 'log_in')}>
        <div class="brand">
          <Mark />
          <h1>{t('title')}</h1>
          <LanguagePick onLanguage={onLanguage} />
        </div>
        {secret ? <SetUp secret={secret} /> : <LogIn />}
        {session.setup_needed && !secret && <p class="hint">{t('setup_hint')}</p>}
        {!session.secure && !isThisMachine(location.hostname) && (
          <p class="hint clear">
            <Icon name="alert" size={16} />
            <span>{t('clear_text')}</span>
          </p>
        )}
      </section>
    </div>
  );
}

/** What there is to see of a hub that waits for something itself. */
function Closed({ reason, onLanguage }: { reason: Reason; onLanguage: (language: Language) => void }): JSX.Element {
  const { t, why } = useWords();
  return (
    <div class="gate">
      <section class="panel" role="status">
        <div class="brand">
          <Mark />
          <h1>{t('title')}</h1>
          <LanguagePick onLanguage={onLanguage} />
        </div>
        <p class="hint">{t('store_failing', { reason: why(reason) })}</p>
      </section>
    </div>
  );
}

/** Nobody listens in on a machine's own loopback. */
function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

function LogIn(): JSX.Element {
  const { t } = useWords();
  return (
    <Form
      button={t('log_in')}
      onSend={async (values) => {
        await logIn(values['name'] ?? '', values['password'] ?? '');
        await refreshSession();
      }}
    >
      <Field name="name" label={t('account_name')} autocomplete="username" focus />
      <Field name="password" label={t('password')} type="password" autocomplete="current-password" />
    </Form>
  );
}

function SetUp({ secret }: { secret: string }): JSX.Element {
  const { t } = useWords();
  return (
    <>
      <p class="hint">{t('set_up_hint')}</p>
      <Form
        button={t('set_up')}
        onSend={async (values) => {
          await setUp(secret, values['name'] ?? '', values['password'] ?? '');
          // It works once: neither the history nor a bookmark has use for it.
          history.replaceState(null, '', location.pathname);
          await refreshSession();
        }}
      >
        <Field name="name" label={t('account_name')} autocomplete="username" focus />
        <Field name="password" label={t('new_password')} type="password" autocomplete="new-password" />
      </Form>
    </>
  );
}
