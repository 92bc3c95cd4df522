/** Gateways and programs that may log in to the private broker. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { Form } from '../components/form';
import { HubError } from '../state/api';
import { addBrokerUser, fetchBrokerUsers, removeBrokerUser, type BrokerUser, type Credential } from './api';
import { Answer, useAsked } from './asked';
import { Confirm } from './confirm';
import { Entry, Pick } from './fields';
import { Section } from './page_head';
import { Secret } from './secret';
import { macsIn } from './typed';
import { useManageWords } from './words';

export function BrokerUsers(): JSX.Element {
  const { t } = useManageWords();
  const users = useAsked(fetchBrokerUsers);
  const removal = useDeed();
  const [made, setMade] = useState<Credential | null>(null);
  // A broker that asks nobody for a password has no users.
  if (users.error instanceof HubError && users.error.status === 404) {
    return <Section title={t('broker_users')} hint={t('broker_users_off')} children={null} />;
  }
  return (
    <Section title={t('broker_users')} hint={t('broker_users_hint')}>
      <Answer asked={users}>
        {(list) =>
          list.length === 0 ? (
            <p class="hint">{t('broker_users_none')}</p>
          ) : (
            <ul class="rows">
              {list.map((user) => (
                <UserRow
                  key={user.name}
                  user={user}
                  busy={removal.busy}
                  onRemove={async () => {
                    await removal.run(() => removeBrokerUser(user.name));
                    await users.reload();
                  }}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      <Problem text={removal.problem} />
      {made ? (
        <Secret
          title={t('broker_user_made', { name: made.name })}
          lines={[
            { label: t('broker_user_name'), text: made.name },
            { label: t('password'), text: made.password },
            ...(made.client_id ? [{ label: t('broker_client_id'), text: made.client_id }] : []),
          ]}
          onDone={() => setMade(null)}
        />
      ) : (
        <NewUser
          onMade={async (credential) => {
            setMade(credential);
            await users.reload();
          }}
        />
      )}
    </Section>
  );
}

function UserRow({ user, busy, onRemove }: { user: BrokerUser; busy: boolean; onRemove: () => Promise<void> }): JSX.Element {
  const { t } = useManageWords();
  const { name, gateway, reads, writes } = user;
  return (
    <li>
      <span>
        {name}
        {gateway && <small>{t('broker_gateway')}</small>}
        {!gateway && reads.length > 0 && <small>{t('broker_reads', { filters: reads.join(' ') })}</small>}
        {!gateway && writes.length > 0 && <small>{t('broker_writes', { filters: writes.join(' ') })}</small>}
      </span>
      <Confirm label={t('remove')} question={t('broker_remove_sure', { name })} busy={busy} onYes={onRemove} />
    </li>
  );
}

function NewUser({ onMade }: { onMade: (credential: Credential) => Promise<void> }): JSX.Element {
  const { t } = useManageWords();
  const [kind, setKind] = useState<'program' | 'gateway'>('program');
  const [name, setName] = useState('');
  const [reads, setReads] = useState('/device/#');
  const [writes, setWrites] = useState('');
  const [gateway] = macsIn(name) ?? [];
  return (
    <details>
      <summary>{t('broker_user_new')}</summary>
      <Form
        button={t('broker_user_new')}
        wrong={kind === 'gateway' && !gateway ? t('broker_wrong_mac') : ''}
        onSend={async () => {
          await onMade(await addBrokerUser(kind === 'gateway' ? { gateway: gateway ?? '' } : { name: name.trim(), reads, writes }));
          setName('');
        }}
      >
        <Pick label={t('broker_user_is')} value={kind} onValue={(chosen) => setKind(chosen === 'gateway' ? 'gateway' : 'program')}>
          <option value="program">{t('broker_program')}</option>
          <option value="gateway">{t('broker_gateway')}</option>
        </Pick>
        {kind === 'gateway' ? (
          <Entry label={t('broker_mac')} hint={t('broker_mac_hint')} value={name} onValue={setName} required placeholder="24:6f:28:aa:01:21" />
        ) : (
          <>
            <Entry label={t('name')} value={name} onValue={setName} required maxLength={32} />
            <Entry label={t('broker_reads_label')} hint={t('broker_filters_hint')} value={reads} onValue={setReads} />
            <Entry label={t('broker_writes_label')} value={writes} onValue={setWrites} placeholder="/device/+/set" />
          </>
        )}
        <p class="hint">{t('broker_again_hint')}</p>
      </Form>
    </details>
  );
}
