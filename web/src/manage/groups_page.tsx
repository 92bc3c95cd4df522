/** Functions that are told the same at once. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Problem, useDeed } from '../components/deed';
import { Icon } from '../components/icons';
import { valueText } from '../format';
import { functionName } from '../kinds';
import { hrefOf } from '../route';
import type { State } from '../state/reducer';
import { may, useSession } from '../state/session';
import { fetchGroups, removeGroup, type Group, type GroupCommand, type Member, type MemberFate } from './api';
import { Answer, useAsked } from './asked';
import { Confirm } from './confirm';
import { GroupControl } from './group_control';
import { GroupEditor } from './group_editor';
import { countFates, functionOf, keyOf, settingOf, settingsOf, type Devices } from './groups';
import { useGroupCommand } from './group_command';
import { PageHead } from './page_head';
import { useManageWords } from './words';

export function GroupsPage({ state }: { state: State }): JSX.Element {
  const { t } = useManageWords();
  const mayChange = may(useSession(), 'operator');
  const groups = useAsked(fetchGroups, [state.changed.groups]);
  const [edited, setEdited] = useState<Group | null>(null);
  const empty: Group = { name: '', members: [] };
  return (
    <>
      <PageHead title={t('page_groups')} hint={t('groups_hint')}>
        {mayChange && (
          <button type="button" class="primary" onClick={() => setEdited(empty)}>
            {t('group_new')}
          </button>
        )}
      </PageHead>
      <Answer asked={groups}>
        {(list) =>
          list.length === 0 ? (
            <div class="nothing">
              <Icon name="group" size={32} />
              <h2>{t('groups_none')}</h2>
              <p>{t(mayChange ? 'groups_none_hint' : 'groups_none_viewer')}</p>
            </div>
          ) : (
            <div class="tiles">
              {list.map((group) => (
                <GroupTile
                  key={group.name}
                  group={group}
                  devices={state.devices}
                  mayChange={mayChange}
                  onEdit={() => setEdited(group)}
                  onChanged={groups.reload}
                />
              ))}
            </div>
          )
        }
      </Answer>
      {edited && (
        <GroupEditor
          group={edited}
          taken={groups.value?.map(({ name }) => name) ?? []}
          devices={state.devices}
          onClose={() => setEdited(null)}
          onSaved={groups.reload}
        />
      )}
    </>
  );
}

interface TileProps {
  readonly group: Group;
  readonly devices: Devices;
  readonly mayChange: boolean;
  readonly onEdit: () => void;
  readonly onChanged: () => Promise<void>;
}

function GroupTile({ group, devices, mayChange, onEdit, onChanged }: TileProps): JSX.Element {
  const { t } = useManageWords();
  const removal = useDeed();
  const { command, busy, problem, send } = useGroupCommand(group.name);
  const fates = new Map(command?.members.map((fate) => [keyOf(fate), fate]));
  const settings = settingsOf(group, devices);
  return (
    <article class="tile" aria-label={group.name}>
      <header>
        <h3>{group.name}</h3>
        <span class="hint">{t('group_members', { count: group.members.length })}</span>
      </header>
      {mayChange &&
        settings.map((setting) => (
          <GroupControl
            key={setting.field.name}
            setting={setting}
            group={group}
            busy={busy}
            onSend={(value) => void send({ [setting.field.name]: value })}
          />
        ))}
      {mayChange && settings.length === 0 && <p class="hint">{t('group_nothing_to_set')}</p>}
      <Problem text={problem || removal.problem} />
      <p class="outcome-line" role="status">
        {command && <Fates command={command} />}
      </p>
      <ul class="rows">
        {group.members.map((member) => (
          <MemberRow key={keyOf(member)} member={member} devices={devices} fate={fates.get(keyOf(member))} />
        ))}
      </ul>
      {mayChange && (
        <footer class="deeds">
          <button type="button" class="plain" onClick={onEdit}>
            {t('edit')}
          </button>
          <Confirm
            label={t('delete')}
            question={t('group_delete_sure', { name: group.name })}
            busy={removal.busy}
            onYes={async () => (await removal.run(() => removeGroup(group.name))) && onChanged()}
          />
        </footer>
      )}
    </article>
  );
}

function Fates({ command }: { command: GroupCommand }): JSX.Element {
  const { t } = useManageWords();
  const { done, pending, failed } = countFates(command);
  const parts = [t('group_done', { count: done, all: command.members.length })];
  if (pending > 0) parts.push(t('group_waiting', { count: pending }));
  if (failed > 0) parts.push(t('group_failed', { count: failed }));
  return <>{parts.join(' · ')}</>;
}

/** A member, what it says now, and what became of the last command to it. */
function MemberRow({ member, devices, fate }: { member: Member; devices: Devices; fate: MemberFate | undefined }): JSX.Element {
  const { t, language, why } = useManageWords();
  const device = devices.get(member.mac);
  const fn = functionOf(devices, member);
  const failed = fate !== undefined && fate.state !== 'executed' && fate.state !== 'pending';
  const reason = fate?.state === 'not_sent' ? why({ code: fate.code ?? '', text: fate.error ?? '' }) : '';
  return (
    <li class={failed ? 'failed' : ''}>
      <span>
        {device ? <a href={hrefOf({ page: 'module', mac: device.mac })}>{device.name}</a> : t('module_gone', { mac: member.mac })}
        {fn && <small>{functionName(fn, language)}</small>}
        {reason && <small class="why">{reason}</small>}
      </span>
      {fate && (
        <b class={`fate ${fate.state}`}>
          {fate.state === 'executed' && <Icon name="check" size={14} />}
          {t(fate.waits_for_wake ? 'fate_asleep' : `fate_${fate.state}`)}
        </b>
      )}
      {fn && (!fate || fate.state === 'executed') && (
        <span class="says">
          {device?.online ? (valueText(fn, settingOf(fn), language) ?? t('no_value')) : t('offline')}
        </span>
      )}
    </li>
  );
}
