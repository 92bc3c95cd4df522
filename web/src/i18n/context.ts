/** The language that the page speaks now. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { chooseLanguage, explain, translate, type Fillings, type Key, type Language } from './index';
import type { Reason } from '../state/types';

const storageKey = 'espial.language';

export interface Words {
  readonly language: Language;
  readonly t: (key: Key, fillings?: Fillings) => string;
  readonly why: (reason: Reason) => string;
}

export function wordsOf(language: Language): Words {
  return {
    language,
    t: (key, fillings) => translate(language, key, fillings),
    why: (reason) => explain(language, reason),
  };
}

export const WordsContext = createContext<Words>(wordsOf('en'));

export function useWords(): Words {
  return useContext(WordsContext);
}

export function rememberedLanguage(): Language {
  let wanted: string | null = null;
  try {
    wanted = localStorage.getItem(storageKey);
  } catch {
    // Storage may be forbidden; then the browser's language it is.
  }
  return chooseLanguage(wanted, navigator.languages);
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // See above.
  }
}
