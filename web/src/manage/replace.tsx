import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { timeText } from '../format';
import { hrefOf } from '../route';
import type { Device } from '../state/types';
import { replaceModule } from './api';
import { Confirm } from './confirm';
import { Pick } from './fields';
import type { Devices } from './groups';
import { Section } from './page_head';
import { candidatesFor } from './replacement';
import { useManageWords } from './words';

/** Another board takes the place of this one, which is broken. */
export function Replace({ device, devices }: { device: Device; devices: Devices }): JSX.Element {
  const { t, language } = useManageWords();
  const { busy, problem, run } = useDeed();
  const [chosen, setChosen] = useState('');
  const candidates = candidatesFor(device, devices.values());
  const fresh = candidates.find(({ mac }) => mac === chosen);

  if (device.online) return <Section title={t('replace')} hint={t('replace_online')} children={null} />;
  if (candidates.length === 0) return <Section title={t('replace')} hint={t('replace_nobody')} children={null} />;
  return (
    <Section title={t('replace')} hint={t('replace_hint', { name: device.name })}>
      <Pick label={t('replace_with')} value={chosen} onValue={setChosen}>
        <option value="">{t('choose')}</option>
        {candidates.map(({ mac, name, joined_at }) => (
          <option key={mac} value={mac}>
            {t('replace_candidate', { name, mac, time: timeText(joined_at, language, true) })}
          </option>
        ))}
      </Pick>
      <Problem text={problem} />
      {fresh && (
        <div class="deeds">
          <Confirm
            label={t('replace_now')}
            question={t('replace_sure', { broken: device.name, fresh: fresh.name })}
            busy={busy}
            onYes={async () => {
              if (await run(() => replaceModule(device.mac, fresh.mac))) location.hash = hrefOf({ page: 'module', mac: fresh.mac });
            }}
          />
        </div>
      )}
    </Section>
  );
}
