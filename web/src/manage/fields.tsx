/** What the forms of these pages are made of. */
import type { ComponentChildren, JSX } from 'preact';

export interface EntryProps {
  readonly label: string;
  readonly hint?: string;
  readonly unit?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly type?: 'text' | 'number' | 'url' | 'search' | 'date';
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
}

export function Entry({ label, hint, unit, onValue, type = 'text', ...rest }: EntryProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <span class="with-unit">
        <input
          type={type}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          onInput={(event) => onValue(event.currentTarget.value)}
          {...rest}
        />
        {unit && <i>{unit}</i>}
      </span>
      {hint && <small>{hint}</small>}
    </label>
  );
}

export interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly required?: boolean;
  /** Options, in groups or not. */
  readonly children: ComponentChildren;
}

export function Pick({ label, value, onValue, required, children }: PickProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} required={required} onChange={(event) => onValue(event.currentTarget.value)}>
        {children}
      </select>
    </label>
  );
}
