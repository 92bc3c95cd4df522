import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { hrefOf } from '../route';
import type { Device } from '../state/types';
import { forgetModule } from './api';
import { Confirm } from './confirm';
import { Section } from './page_head';
import { useManageWords } from './words';

/** A module that is sold, or broken for good. */
export function Forget({ device }: { device: Device }): JSX.Element {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const [erase, setErase] = useState(false);
  // The key of an Espial module is refused from then on; one of another protocol would be there again.
  if (device.online && device.protocol !== 'espial') {
    return <Section title={t('forget')} hint={t('forget_online')} children={null} />;
  }
  return (
    <Section title={t('forget')} hint={t('forget_hint')}>
      <label class="tick">
        <input type="checkbox" checked={erase} onChange={(event) => setErase(event.currentTarget.checked)} />
        <span>{t('forget_erase')}</span>
      </label>
      <Problem text={problem} />
      <div class="deeds">
        <Confirm
          label={t('forget_now')}
          question={t(erase ? 'forget_sure_erase' : 'forget_sure', { name: device.name })}
          busy={busy}
          onYes={async () => {
            if (await run(() => forgetModule(device.mac, erase))) location.hash = hrefOf({ page: 'modules' });
          }}
        />
      </div>
    </Section>
  );
}
