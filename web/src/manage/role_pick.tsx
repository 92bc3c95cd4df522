import type { JSX } from 'preact';
import { roles, type Role } from '../state/session';
import { useManageWords } from './words';

export interface RolePickProps {
  readonly label: string;
  readonly role: Role;
  readonly onRole?: (role: Role) => void;
  /** Shows the label, and below what the role may. */
  readonly explained?: boolean;
}

export function RolePick({ label, role, onRole, explained = false }: RolePickProps): JSX.Element {
  const { t } = useManageWords();
  return (
    <label class={explained ? 'field' : 'pick'}>
      <span class={explained ? '' : 'sr'}>{label}</span>
      <select name="role" value={role} onChange={(event) => onRole?.(event.currentTarget.value as Role)}>
        {roles.map((one) => (
          <option key={one} value={one}>
            {t(`role_${one}`)}
          </option>
        ))}
      </select>
      {explained && <small>{t('roles_hint')}</small>}
    </label>
  );
}
