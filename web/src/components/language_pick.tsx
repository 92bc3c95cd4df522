import type { JSX } from 'preact';
import { languages, tables, type Language } from '../i18n';
import { useWords } from '../i18n/context';

export function LanguagePick({ onLanguage }: { onLanguage: (language: Language) => void }): JSX.Element {
  const { t, language } = useWords();
  return (
    <label class="pick">
      <span class="sr">{t('language')}</span>
      <select value={language} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
        {languages.map((one) => (
          <option key={one} value={one} lang={one}>
            {tables[one].language_name}
          </option>
        ))}
      </select>
    </label>
  );
}
