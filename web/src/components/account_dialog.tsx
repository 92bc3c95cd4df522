/** One's own account. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import { hrefOf } from '../route';
import { changePassword, logOut } from '../state/accounts';
import { may, refreshSession, type Session } from '../state/session';
import { Field, Form } from './form';
import { Icon } from './icons';

export function AccountDialog({ session, onClose }: { session: Session; onClose: () => void }): JSX.Element {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [done, setDone] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const leave = (everywhere: boolean): void => void logOut(everywhere).finally(refreshSession);
  return (
    <dialog ref={dialog} class="account" aria-label={t('account')} onClose={onClose}>
      <header>
        <h2>{session.account}</h2>
        <span class="role">{t(`role_${session.role ?? 'viewer'}`)}</span>
        <button type="button" class="ghost" aria-label={t('close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="buttons">
        <button type="button" onClick={() => leave(false)}>
          {t('log_out')}
        </button>
        <button type="button" onClick={() => leave(true)}>
          {t('log_out_everywhere')}
        </button>
      </div>
      <details>
        <summary>{t('change_password')}</summary>
        <Form
          button={t('change_password')}
          onSend={async (values) => {
            setDone(false);
            await changePassword(values['present'] ?? '', values['password'] ?? '');
            setDone(true);
          }}
        >
          <Field name="present" label={t('present_password')} type="password" autocomplete="current-password" />
          <Field name="password" label={t('new_password')} type="password" autocomplete="new-password" />
        </Form>
        {done && <p role="status">{t('password_changed')}</p>}
      </details>
      {may(session, 'admin') && (
        <a class="more" href={hrefOf({ page: 'access' })} onClick={onClose}>
          {t('access_more')}
        </a>
      )}
    </dialog>
  );
}
