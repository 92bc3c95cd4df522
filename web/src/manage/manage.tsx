/** The pages on which people manage things: a script of its own, which whoever only looks never fetches. */
import type { JSX } from 'preact';
import type { Route } from '../route';
import type { State } from '../state/reducer';
import { AccessPage } from './access_page';
import { AlarmsPage } from './alarms_page';
import { GroupsPage } from './groups_page';
import { HoursPage } from './hours_page';
import { ModulePage } from './module_page';
import { NetworkPage } from './network_page';
import './manage.css';

export interface ManageProps {
  readonly route: Route;
  readonly state: State;
  /** Shows the past of a value. */
  readonly onOpen: (mac: string, slot: number, field: string) => void;
}

export function ManagePage({ route, state, onOpen }: ManageProps): JSX.Element | null {
  switch (route.page) {
    case 'groups':
      return <GroupsPage state={state} />;
    case 'alarms':
      return <AlarmsPage state={state} />;
    case 'hours':
      return <HoursPage />;
    case 'network':
      return <NetworkPage state={state} />;
    case 'access':
      return <AccessPage />;
    case 'module':
      return <ModulePage key={route.mac} mac={route.mac} state={state} onOpen={onOpen} />;
    case 'modules':
      return null;
  }
}
