import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useNow } from '../components/clock';
import { Problem, useDeed } from '../components/deed';
import { timeText } from '../format';
import { hrefOf } from '../route';
import type { Device } from '../state/types';
import { fetchAsking, replaceModule } from './api';
import { useAsked } from './asked';
import { Confirm } from './confirm';
import { Pick } from './fields';
import type { Devices } from './groups';
import { Section } from './page_head';
import { candidatesFor, type Candidate } from './replacement';
import { useManageWords, type ManageKey } from './words';

/** Boards ask again and again: so does the page whether there are others. */
const askEveryMs = 10_000;

/** What to do where there is no new board yet. */
const nobody = (protocol: string): ManageKey =>
  protocol === 's0' ? 'replace_nobody_s0' : protocol === 's1' ? 'replace_nobody_s1' : 'replace_nobody';

/** Another board takes the place of this one, which is broken. */
export function Replace({ device, devices }: { device: Device; devices: Devices }): JSX.Element {
  const { t, language } = useManageWords();
  const { busy, problem, run } = useDeed();
  const [chosen, setChosen] = useState('');
  const mayAsk = device.protocol === 's0' && !device.online;
  const turn = Math.floor(useNow() / askEveryMs);
  const asking = useAsked(async () => (mayAsk ? fetchAsking(device.mac) : []), [device.mac, mayAsk, mayAsk && turn]);
  const candidates = candidatesFor(device, devices.values(), asking.value ?? []);
  const fresh = candidates.find(({ mac }) => mac === chosen);

  const label = ({ mac, name, at }: Candidate): string =>
    name === null ? t('replace_asking', { mac }) : t('replace_candidate', { name, mac, time: timeText(at, language, true) });
  const question = ({ mac, name }: Candidate): string => {
    if (name === null) return t('replace_sure_asking', { broken: device.name, mac });
    const isKeyed = device.protocol === 'espial';
    return t(isKeyed ? 'replace_sure' : 'replace_sure_open', { broken: device.name, fresh: name });
  };

  if (device.online) return <Section title={t('replace')} hint={t('replace_online')} children={null} />;
  if (candidates.length === 0) return <Section title={t('replace')} hint={t(nobody(device.protocol))} children={null} />;
  return (
    <Section title={t('replace')} hint={t('replace_hint', { name: device.name })}>
      <Pick label={t('replace_with')} value={chosen} onValue={setChosen}>
        <option value="">{t('choose')}</option>
        {candidates.map((one) => (
          <option key={one.mac} value={one.mac}>
            {label(one)}
          </option>
        ))}
      </Pick>
      <Problem text={problem} />
      {fresh && (
        <div class="deeds">
          <Confirm
            label={t('replace_now')}
            question={question(fresh)}
            busy={busy}
            onYes={async () => {
              const replace = async (): Promise<void> => {
                const mac = await replaceModule(device.mac, fresh.mac);
                location.hash = hrefOf({ page: 'module', mac });
              };
              await run(replace);
            }}
          />
        </div>
      )}
    </Section>
  );
}
