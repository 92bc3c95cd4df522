/** All about one module: what it says, what it is, and what to do when it is broken or lost. */
import { Fragment, type JSX } from 'preact';
import { Card } from '../components/card';
import { useNow } from '../components/clock';
import { Problem, useDeed } from '../components/deed';
import { ageText, timeText } from '../format';
import { hrefOf } from '../route';
import { decideKeys } from '../state/api';
import type { State } from '../state/reducer';
import { may, mayDecide, useSession } from '../state/session';
import type { Device, Keys } from '../state/types';
import { restartModule } from './api';
import { Confirm } from './confirm';
import { Forget } from './forget';
import { Section } from './page_head';
import { Replace } from './replace';
import { useManageWords, type ManageKey } from './words';

export interface ModuleProps {
  readonly mac: string;
  readonly state: State;
  readonly onOpen: (mac: string, slot: number, field: string) => void;
}

export function ModulePage({ mac, state, onOpen }: ModuleProps): JSX.Element {
  const { t } = useManageWords();
  const session = useSession();
  const device = state.devices.get(mac);
  const back = (
    <a class="back" href={hrefOf({ page: 'modules' })}>
      ‹ {t('page_modules')}
    </a>
  );
  if (!device) {
    return (
      <>
        {back}
        <div class="nothing">
          <p>{t('module_gone', { mac })}</p>
        </div>
      </>
    );
  }
  const isEspial = device.protocol === 'espial';
  return (
    <>
      {back}
      <div class="module">
        <div>
          <Card device={device} pending={state.pending} clockOffsetMs={state.clockOffsetMs} onOpen={onOpen} isHere />
        </div>
        <div class="module-parts">
          <Facts device={device} clockOffsetMs={state.clockOffsetMs} />
          {may(session, 'operator') && <Replace device={device} devices={state.devices} />}
          {isEspial && state.keys && mayDecide(session) && <ModuleKeys device={device} keys={state.keys} />}
          {device.protocol === 's0' && may(session, 'operator') && <Restart device={device} />}
          {mayDecide(session) && <Forget device={device} />}
        </div>
      </div>
    </>
  );
}

function Facts({ device, clockOffsetMs }: { device: Device; clockOffsetMs: number }): JSX.Element {
  const { t, language } = useManageWords();
  const heard = ageText(useNow() + clockOffsetMs - device.last_seen, language) ?? t('just_now');
  const facts: readonly [ManageKey, string][] = [
    ['fact_mac', device.mac],
    ['fact_protocol', device.protocol === 'espial' ? 'Espial' : device.protocol.toUpperCase()],
    ['fact_module', device.module > 0 ? `${device.server} / ${device.module}` : ''],
    ['fact_chip', device.chip],
    ['fact_firmware', device.firmware],
    ['fact_joined', device.joined_at > 0 ? timeText(device.joined_at, language, true) : ''],
    ['fact_heard', device.last_seen > 0 ? heard : t('never')],
    ['fact_gateway', device.gateway ?? ''],
  ];
  return (
    <Section title={t('module_facts')}>
      <dl class="facts">
        {facts
          .filter(([, text]) => text !== '')
          .map(([key, text]) => (
            <Fragment key={key}>
              <dt>{t(key)}</dt>
              <dd>{text}</dd>
            </Fragment>
          ))}
      </dl>
    </Section>
  );
}

function ModuleKeys({ device, keys }: { device: Device; keys: Keys }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const { mac, name } = device;
  const isRevoked = keys.revoked.includes(mac);
  return (
    <Section title={t('module_keys')} hint={t(isRevoked ? 'module_is_revoked' : 'module_keys_hint')}>
      <Problem text={problem} />
      <div class="deeds">
        {isRevoked ? (
          <button type="button" class="plain" aria-disabled={busy} onClick={() => void run(() => decideKeys('unrevoke', { mac }))}>
            {t('module_unrevoke')}
          </button>
        ) : (
          <>
            <button type="button" class="plain" aria-disabled={busy} onClick={() => void run(() => decideKeys('renew', { mac }))}>
              {t('module_renew')}
            </button>
            <Confirm
              label={t('module_revoke')}
              question={t('module_revoke_sure', { name })}
              busy={busy}
              onYes={() => run(() => decideKeys('revoke', { mac }))}
            />
          </>
        )}
      </div>
    </Section>
  );
}

function Restart({ device }: { device: Device }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  return (
    <Section title={t('module_restart')} hint={t('module_restart_hint')}>
      <Problem text={problem} />
      <div class="deeds">
        <Confirm
          label={t('module_restart')}
          question={t('module_restart_sure', { name: device.name })}
          busy={busy}
          onYes={() => run(() => restartModule(device.mac))}
        />
      </div>
    </Section>
  );
}
