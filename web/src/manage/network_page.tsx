/** Who may join the network, and whose keys are good. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { Button, JoinRows, Row } from '../components/join';
import { hrefOf } from '../route';
import { decideKeys, type Label } from '../state/api';
import type { State } from '../state/reducer';
import { mayDecide, useSession } from '../state/session';
import type { Keys } from '../state/types';
import { Confirm } from './confirm';
import { Pick } from './fields';
import type { Devices } from './groups';
import { AddLabel, DrawLabels, ListedModules } from './network_forms';
import { PageHead, Section } from './page_head';
import { Secret } from './secret';
import { useManageWords } from './words';

const policies = ['window', 'approval', 'closed', 'open'] as const;

export function NetworkPage({ state }: { state: State }): JSX.Element {
  const { t } = useManageWords();
  const session = useSession();
  const { keys, devices } = state;
  if (!mayDecide(session)) return <p class="nothing">{t('admins_only')}</p>;
  if (!keys) return <p class="nothing">{t('network_none')}</p>;
  return (
    <>
      <PageHead title={t('page_network')} hint={t('network_hint')} />
      <div class="tiles">
        <div class="stack">
          <Joining keys={keys} clockOffsetMs={state.clockOffsetMs} />
          <NetworkKey keys={keys} devices={devices} />
        </div>
        <Labels keys={keys} />
        <Lost keys={keys} devices={devices} />
      </div>
    </>
  );
}

function Joining({ keys, clockOffsetMs }: { keys: Keys; clockOffsetMs: number }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const undo = (mac: string): JSX.Element => (
    <Button text={t('keys_undo')} busy={busy} onPress={() => void run(() => decideKeys('unjudge', { mac }))} />
  );
  return (
    <Section title={t('join_title')} hint={t('join_hint')}>
      <Pick label={t('join_policy')} value={keys.policy} onValue={(policy) => void run(() => decideKeys('settings', { policy }))}>
        {policies.map((policy) => (
          <option key={policy} value={policy}>
            {t(`policy_${policy}`)}
          </option>
        ))}
      </Pick>
      {keys.policy === 'open' && <p class="trouble warn">{t('policy_open_hint')}</p>}
      <Problem text={problem} />
      <JoinRows keys={keys} clockOffsetMs={clockOffsetMs} />
      <ul class="rows">
        {keys.approved.map((mac) => (
          <Row key={mac} text={t('keys_approved', { mac })}>
            {undo(mac)}
          </Row>
        ))}
        {keys.refused.map((mac) => (
          <Row key={mac} text={t('keys_refused', { mac })}>
            {undo(mac)}
          </Row>
        ))}
      </ul>
      <ListedModules modules={keys.modules} />
    </Section>
  );
}

function Labels({ keys }: { keys: Keys }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const [drawn, setDrawn] = useState<readonly Label[]>([]);
  return (
    <Section title={t('labels_title')} hint={t('labels_hint')}>
      <Problem text={problem} />
      <ul class="rows">
        {keys.labels.map((mac) => (
          <Row key={mac} text={t('keys_label', { mac })}>
            <Confirm
              label={t('label_void')}
              question={t('label_void_sure', { mac })}
              busy={busy}
              onYes={() => run(() => decideKeys('unlabel', { mac }))}
            />
          </Row>
        ))}
      </ul>
      {drawn.length > 0 && (
        <Secret
          title={t('labels_drawn')}
          lines={drawn.map(({ mac, text, qr }) => ({ label: mac, text, qr }))}
          onDone={() => setDrawn([])}
        />
      )}
      <AddLabel />
      <DrawLabels onDrawn={setDrawn} />
    </Section>
  );
}

function Lost({ keys, devices }: { keys: Keys; devices: Devices }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const [mac, setMac] = useState('');
  const chosen = devices.get(mac);
  const revocable = [...devices.values()].filter((device) => device.protocol === 'espial' && !keys.revoked.includes(device.mac));
  return (
    <Section title={t('lost_title')} hint={t('lost_hint')}>
      <Problem text={problem} />
      <ul class="rows">
        {keys.revoked.map((one) => (
          <Row key={one} text={t('keys_revoked', { name: devices.get(one)?.name ?? one })}>
            <Button text={t('keys_unrevoke')} busy={busy} onPress={() => void run(() => decideKeys('unrevoke', { mac: one }))} />
          </Row>
        ))}
      </ul>
      {revocable.length > 0 && (
        <Pick label={t('revoke_which')} value={mac} onValue={setMac}>
          <option value="">{t('choose')}</option>
          {revocable.map((device) => (
            <option key={device.mac} value={device.mac}>
              {device.name}
            </option>
          ))}
        </Pick>
      )}
      {chosen && (
        <div class="deeds">
          <Confirm
            label={t('revoke_now', { name: chosen.name })}
            question={t('module_revoke_sure', { name: chosen.name })}
            yes={t('module_revoke')}
            busy={busy}
            onYes={async () => (await run(() => decideKeys('revoke', { mac }))) && setMac('')}
          />
        </div>
      )}
    </Section>
  );
}

function NetworkKey({ keys, devices }: { keys: Keys; devices: Devices }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const { changing, renewed, modules, left, generation } = keys.key;
  return (
    <Section title={t('network_key')} hint={t('network_key_hint')}>
      <p>{changing ? t('key_changing', { count: renewed, all: modules }) : t('key_generation', { generation })}</p>
      {changing && (
        <>
          <progress value={renewed} max={Math.max(1, modules)} aria-label={t('network_key')} />
          {left.length > 0 && (
            <details>
              <summary>{t('key_left', { count: left.length })}</summary>
              <ul class="rows">
                {left.map((mac) => (
                  <li key={mac}>
                    <a href={hrefOf({ page: 'module', mac })}>{devices.get(mac)?.name ?? mac}</a>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      <Problem text={problem} />
      <div class="deeds">
        {changing ? (
          <Confirm label={t('key_end')} question={t('key_end_sure')} busy={busy} onYes={() => run(() => decideKeys('end_change'))} />
        ) : (
          <Confirm label={t('key_begin')} question={t('key_begin_sure')} busy={busy} onYes={() => run(() => decideKeys('begin_change'))} />
        )}
      </div>
    </Section>
  );
}
