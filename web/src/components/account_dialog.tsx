/** One's own account; for admins also everybody else's, and who did what. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import {
  addAccount,
  changePassword,
  fetchAccounts,
  fetchAudit,
  logOut,
  removeAccount,
  setRole,
  type Account,
  type AuditRecord,
} from '../state/accounts';
import { HubError } from '../state/api';
import { may, refreshSession, roles, type Role, type Session } from '../state/session';
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
      {may(session, 'admin') && <Accounts own={session.account} />}
      {may(session, 'admin') && <Audit />}
    </dialog>
  );
}

function Accounts({ own }: { own: string | null }): JSX.Element {
  const { t, why } = useWords();
  const [accounts, setAccounts] = useState<readonly Account[]>([]);
  const [problem, setProblem] = useState('');
  const load = async (): Promise<void> => setAccounts(await fetchAccounts());
  const change = (wish: Promise<unknown>): void => {
    setProblem('');
    wish.catch((error: unknown) => setProblem(error instanceof HubError ? why(error.reason) : t('failed_hint'))).then(load, () => {});
  };
  useEffect(() => change(Promise.resolve()), []);
  return (
    <section aria-label={t('accounts')}>
      <h3>{t('accounts')}</h3>
      <ul class="accounts">
        {accounts.map((account) => (
          <li key={account.name}>
            <span>{account.name}</span>
            <RolePick
              label={t('role_of', { name: account.name })}
              role={account.role}
              onRole={(role) => change(setRole(account.name, role))}
            />
            <button
              type="button"
              class="ghost"
              disabled={account.name === own}
              aria-label={t('remove_account', { name: account.name })}
              onClick={() => change(removeAccount(account.name))}
            >
              <Icon name="close" size={18} />
            </button>
          </li>
        ))}
      </ul>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <details>
        <summary>{t('add_account')}</summary>
        <Form
          button={t('add_account')}
          onSend={async (values) => {
            await addAccount(values['name'] ?? '', values['role'] as Role, values['password'] ?? '');
            await load();
          }}
        >
          <Field name="name" label={t('account_name')} autocomplete="off" />
          <Field name="password" label={t('new_password')} type="password" autocomplete="new-password" />
          <RolePick label={t('role')} role="viewer" />
        </Form>
      </details>
    </section>
  );
}

function RolePick({ label, role, onRole }: { label: string; role: Role; onRole?: (role: Role) => void }): JSX.Element {
  const { t } = useWords();
  return (
    <label class="pick">
      <span class="sr">{label}</span>
      <select name="role" value={role} onChange={(event) => onRole?.(event.currentTarget.value as Role)}>
        {roles.map((one) => (
          <option key={one} value={one}>
            {t(`role_${one}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Audit(): JSX.Element {
  const { t, language } = useWords();
  const [records, setRecords] = useState<readonly AuditRecord[]>([]);
  return (
    <details
      onToggle={(event) => {
        if (event.currentTarget.open) void fetchAudit().then(setRecords, () => setRecords([]));
      }}
    >
      <summary>{t('audit')}</summary>
      <ul class="audit">
        {records.map((one, index) => (
          <li key={index}>
            <time>{new Date(one.at).toLocaleString(language)}</time>
            <b>{one.account}</b> {one.action} <span>{one.subject}</span> <i>{one.detail}</i>
          </li>
        ))}
      </ul>
    </details>
  );
}
