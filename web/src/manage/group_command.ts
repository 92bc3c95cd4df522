import { useEffect, useState } from 'preact/hooks';
import { useDeed } from '../components/deed';
import { HubError } from '../state/api';
import type { Values } from '../state/types';
import { commandGroup, fetchGroupCommand, type GroupCommand } from './api';
import { countFates } from './groups';
import { useManageWords } from './words';

/** The hub is asked so often what became of a command, while some member has not answered. */
const lookMs = 1_000;

export interface Sent {
  /** The newest command of this page to the group. */
  readonly command: GroupCommand | null;
  readonly busy: boolean;
  readonly problem: string;
  readonly send: (values: Values) => Promise<unknown>;
}

/** Sends commands to a group and follows the newest until every member has come to an end. */
export function useGroupCommand(name: string): Sent {
  const { t } = useManageWords();
  const { busy, problem, run } = useDeed();
  const [command, setCommand] = useState<GroupCommand | null>(null);
  const [lost, setLost] = useState(false);
  const pending = command !== null && countFates(command).pending > 0 && !lost;

  useEffect(() => {
    if (!pending) return undefined;
    let stopped = false;
    const timer = setTimeout(async () => {
      try {
        const next = await fetchGroupCommand(name, command.group_command_id);
        if (!stopped) setCommand(next);
      } catch (error) {
        if (stopped) return;
        // A hub that was started again does not know it; one that is away is asked again.
        if (error instanceof HubError && error.status === 404) setLost(true);
        else setCommand({ ...command });
      }
    }, lookMs);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [command, pending]);

  const send = (values: Values): Promise<unknown> => {
    setLost(false);
    setCommand(null);
    return run(async () => setCommand(await commandGroup(name, values)));
  };
  return { command, busy, problem: lost ? t('group_lost') : problem, send };
}
