/** What programs show the hub's API. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { Field, Form } from '../components/form';
import { timeText } from '../format';
import type { Role } from '../state/session';
import { addToken, fetchTokens, removeToken } from './api';
import { Answer, useAsked } from './asked';
import { Confirm } from './confirm';
import { Section } from './page_head';
import { RolePick } from './role_pick';
import { Secret } from './secret';
import { useManageWords } from './words';

export function Tokens(): JSX.Element {
  const { t, language } = useManageWords();
  const tokens = useAsked(fetchTokens);
  const removal = useDeed();
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  return (
    <Section title={t('tokens')} hint={t('tokens_hint')}>
      <Answer asked={tokens}>
        {(list) =>
          list.length === 0 ? (
            <p class="hint">{t('tokens_none')}</p>
          ) : (
            <ul class="rows">
              {list.map(({ name, role, created_at }) => (
                <li key={name}>
                  <span>
                    {name}
                    <small>{`${t(`role_${role}`)}, ${timeText(created_at, language, true)}`}</small>
                  </span>
                  <Confirm
                    label={t('token_void')}
                    question={t('token_void_sure', { name })}
                    busy={removal.busy}
                    onYes={async () => {
                      await removal.run(() => removeToken(name));
                      await tokens.reload();
                    }}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <Problem text={removal.problem} />
      {made ? (
        <Secret
          title={t('token_made', { name: made.name })}
          lines={[{ label: t('token'), text: made.secret }]}
          onDone={() => setMade(null)}
        />
      ) : (
        <details>
          <summary>{t('token_new')}</summary>
          <Form
            button={t('token_new')}
            onSend={async (values) => {
              const name = values['name'] ?? '';
              setMade({ name, secret: await addToken(name, values['role'] as Role) });
              await tokens.reload();
            }}
          >
            <Field name="name" label={t('token_for')} autocomplete="off" />
            <RolePick label={t('role')} role="viewer" explained />
          </Form>
        </details>
      )}
    </Section>
  );
}
