/** What is typed on the network's page. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Form } from '../components/form';
import { decideKeys, type Label } from '../state/api';
import { Entry } from './fields';
import { macsIn, moduleIdsIn } from './typed';
import { useManageWords } from './words';

/** Module IDs that may join whatever the policy says. */
export function ListedModules({ modules }: { modules: readonly number[] }): JSX.Element {
  const { t } = useManageWords();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? modules.join(', ');
  const ids = moduleIdsIn(text);
  return (
    <details>
      <summary>{t('listed_title', { count: modules.length })}</summary>
      <Form
        button={t('save')}
        wrong={ids ? '' : t('listed_wrong')}
        onSend={async () => {
          await decideKeys('settings', { modules: ids });
          setTyped(null);
        }}
      >
        <Entry label={t('listed_label')} hint={t('listed_hint')} value={text} onValue={setTyped} placeholder="3, 4" />
      </Form>
    </details>
  );
}

/** A label that was printed elsewhere. */
export function AddLabel(): JSX.Element {
  const { t } = useManageWords();
  const [text, setText] = useState('');
  return (
    <details>
      <summary>{t('label_add')}</summary>
      <Form
        button={t('label_add')}
        onSend={async () => {
          await decideKeys('labels', { label: text.trim() });
          setText('');
        }}
      >
        <Entry label={t('label_text')} value={text} onValue={setText} placeholder="ESPIAL:…" required maxLength={200} />
      </Form>
    </details>
  );
}

/** Keys for boards that are not there yet. */
export function DrawLabels({ onDrawn }: { onDrawn: (labels: readonly Label[]) => void }): JSX.Element {
  const { t } = useManageWords();
  const [text, setText] = useState('');
  const macs = macsIn(text);
  return (
    <details>
      <summary>{t('labels_draw')}</summary>
      <Form
        button={t('labels_draw')}
        wrong={macs ? '' : t('labels_wrong')}
        onSend={async () => {
          onDrawn(await decideKeys('labels', { macs }));
          setText('');
        }}
      >
        <Entry label={t('labels_macs')} hint={t('labels_macs_hint')} value={text} onValue={setText} required placeholder="24:6f:28:00:00:07" />
      </Form>
    </details>
  );
}
