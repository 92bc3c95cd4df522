import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Form } from '../components/form';
import { Sheet } from '../components/sheet';
import { saveGroup, type Group } from './api';
import { Entry } from './fields';
import { choicesOf, groupMembersMax, keyOf, type Devices } from './groups';
import { useManageWords } from './words';

/** A field to search by appears when there is more than fits on a screen. */
const searchFromChoices = 12;

export interface EditorProps {
  /** One without a name is a new one. */
  readonly group: Group;
  readonly taken: readonly string[];
  readonly devices: Devices;
  readonly onClose: () => void;
  readonly onSaved: () => Promise<void>;
}

export function GroupEditor({ group, taken, devices, onClose, onSaved }: EditorProps): JSX.Element {
  const { t, language } = useManageWords();
  const isNew = group.name === '';
  const [name, setName] = useState(group.name);
  const [members, setMembers] = useState(group.members);
  const [search, setSearch] = useState('');
  const choices = choicesOf(devices, group.members, language);
  const chosen = new Set(members.map(keyOf));
  const wanted = search.trim().toLocaleLowerCase(language);
  const shown = choices.filter((choice) => `${choice.module} ${choice.name}`.toLocaleLowerCase(language).includes(wanted));
  const wrong = isNew && taken.includes(name.trim()) ? t('group_taken') : members.length === 0 ? t('group_empty') : '';
  const title = isNew ? t('group_new') : group.name;
  return (
    <Sheet label={title} over={isNew ? '' : t('edit')} title={title} form onClose={onClose}>
      <Form
        button={t('save')}
        wrong={wrong}
        onCancel={onClose}
        onSend={async () => {
          await saveGroup({ name: isNew ? name.trim() : group.name, members });
          await onSaved();
          onClose();
        }}
      >
        {isNew && <Entry label={t('name')} value={name} onValue={setName} required maxLength={29} />}
        <fieldset class="choices">
          <legend>{t('group_choose', { count: members.length })}</legend>
          {choices.length > searchFromChoices && (
            <Entry label={t('search_modules')} type="search" value={search} onValue={setSearch} />
          )}
          {choices.length === 0 && <p class="hint">{t('group_no_choice')}</p>}
          <ul>
            {shown.map((choice) => (
              <li key={keyOf(choice)}>
                <label>
                  <input
                    type="checkbox"
                    checked={chosen.has(keyOf(choice))}
                    disabled={!chosen.has(keyOf(choice)) && members.length >= groupMembersMax}
                    onChange={(event) =>
                      setMembers(
                        event.currentTarget.checked
                          ? [...members, { mac: choice.mac, slot: choice.slot }]
                          : members.filter((member) => keyOf(member) !== keyOf(choice)),
                      )
                    }
                  />
                  <span>{choice.module}</span>
                  <small>{choice.name}</small>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      </Form>
    </Sheet>
  );
}
