/** Who and what may do what here: accounts, tokens, users of the broker, and who did what. */
import type { JSX } from 'preact';
import { may, useSession } from '../state/session';
import { Accounts } from './accounts';
import { Audit } from './audit';
import { BrokerUsers } from './broker_users';
import { PageHead } from './page_head';
import { Tokens } from './tokens';
import { useManageWords } from './words';

export function AccessPage(): JSX.Element {
  const { t } = useManageWords();
  const session = useSession();
  if (!may(session, 'admin')) {
    return <p class="nothing">{t(session?.login_required ? 'admins_only' : 'access_without_accounts')}</p>;
  }
  return (
    <>
      <PageHead title={t('page_access')} hint={t('access_hint')} />
      <div class="tiles">
        <Accounts own={session?.account ?? null} />
        <Tokens />
        <BrokerUsers />
        <Audit />
      </div>
    </>
  );
}
