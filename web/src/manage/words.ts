/** The words of the pages in this folder, which are fetched with them. */
import { fill, translate, type Fillings, type Key, type Language } from '../i18n';
import { useWords, type Words } from '../i18n/context';
import { en, type ManageKey, type ManageTable } from './words/en';
import { fr } from './words/fr';
import { ru } from './words/ru';

export type { ManageKey };
export const manageTables = { en, fr, ru } as const satisfies Record<Language, ManageTable>;

export interface ManageWords extends Pick<Words, 'language' | 'why'> {
  /** A sentence of these pages, or one that all pages have. */
  readonly t: (key: ManageKey | Key, fillings?: Fillings) => string;
}

export function manageText(language: Language, key: ManageKey | Key, fillings: Fillings = {}): string {
  const table: ManageTable = manageTables[language];
  return key in table ? fill(language, table[key as ManageKey], fillings) : translate(language, key as Key, fillings);
}

export function useManageWords(): ManageWords {
  const { language, why } = useWords();
  return { language, why, t: (key, fillings) => manageText(language, key, fillings) };
}
