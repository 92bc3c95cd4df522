/** The people who may log in. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed, type Deed } from '../components/deed';
import { Field, Form } from '../components/form';
import {
  addAccount,
  fetchAccounts,
  openSetup,
  removeAccount,
  setPassword,
  setRole,
  type Account,
} from '../state/accounts';
import type { Role } from '../state/session';
import { Answer, useAsked } from './asked';
import { Confirm } from './confirm';
import { Section } from './page_head';
import { RolePick } from './role_pick';
import { Secret } from './secret';
import { useManageWords } from './words';

export function Accounts({ own }: { own: string | null }): JSX.Element {
  const { t } = useManageWords();
  const accounts = useAsked(fetchAccounts);
  const deed = useDeed();
  const [link, setLink] = useState('');
  const change = async (work: () => Promise<unknown>): Promise<void> => {
    await deed.run(work);
    await accounts.reload();
  };
  return (
    <Section title={t('accounts')} hint={t('accounts_hint')}>
      <Answer asked={accounts}>
        {(list) => (
          <ul class="rows">
            {list.map((account) => (
              <AccountRow key={account.name} account={account} isOwn={account.name === own} deed={deed} onChange={change} />
            ))}
          </ul>
        )}
      </Answer>
      <Problem text={deed.problem} />
      <details>
        <summary>{t('add_account')}</summary>
        <Form
          button={t('add_account')}
          onSend={async (values) => {
            await addAccount(values['name'] ?? '', values['role'] as Role, values['password'] ?? '');
            await accounts.reload();
          }}
        >
          <Field name="name" label={t('account_name')} autocomplete="off" />
          <Field name="password" label={t('new_password')} type="password" autocomplete="new-password" />
          <RolePick label={t('role')} role="viewer" explained />
        </Form>
      </details>
      {link ? (
        <Secret title={t('setup_link')} lines={[{ label: t('setup_link_label'), text: link }]} onDone={() => setLink('')} />
      ) : (
        <div class="deeds">
          <button
            type="button"
            class="plain"
            aria-disabled={deed.busy}
            title={t('setup_link_hint')}
            onClick={() => void deed.run(async () => setLink(`${location.origin}/#setup=${await openSetup()}`))}
          >
            {t('setup_link_make')}
          </button>
        </div>
      )}
    </Section>
  );
}

interface RowProps {
  readonly account: Account;
  readonly isOwn: boolean;
  readonly deed: Deed;
  readonly onChange: (work: () => Promise<unknown>) => Promise<void>;
}

function AccountRow({ account: { name, role }, isOwn, deed, onChange }: RowProps): JSX.Element {
  const { t } = useManageWords();
  const [done, setDone] = useState(false);
  return (
    <li>
      <span>
        {name}
        {isOwn && <small>{t('account_own')}</small>}
      </span>
      <RolePick label={t('role_of', { name })} role={role} onRole={(next) => void onChange(() => setRole(name, next))} />
      {!isOwn && (
        <details class="wide">
          <summary aria-label={t('account_more', { name })}>{t('more')}</summary>
          <Form
            button={t('account_set_password')}
            onSend={async (values) => {
              setDone(false);
              await setPassword(name, values['password'] ?? '');
              setDone(true);
            }}
          >
            <Field name="password" label={t('new_password')} type="password" autocomplete="new-password" />
          </Form>
          {done && <p role="status">{t('account_password_set', { name })}</p>}
          <Confirm
            label={t('remove_account', { name })}
            question={t('account_remove_sure', { name })}
            busy={deed.busy}
            onYes={() => onChange(() => removeAccount(name))}
          />
        </details>
      )}
    </li>
  );
}
