/** Who changed what. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { fetchAudit, type AuditRecord } from '../state/accounts';
import { Answer, useAsked } from './asked';
import { Entry } from './fields';
import { useManageWords } from './words';

const firstRecords = 50;
/** As many as the hub tells at once. */
const allRecords = 1000;

export function Audit(): JSX.Element {
  const { t } = useManageWords();
  const [limit, setLimit] = useState(firstRecords);
  const [search, setSearch] = useState('');
  const records = useAsked(() => fetchAudit(limit), [limit]);
  return (
    <section class="tile wide" aria-label={t('audit')}>
      <header>
        <h3>{t('audit')}</h3>
        <button type="button" class="plain" onClick={() => void records.reload()}>
          {t('audit_reload')}
        </button>
      </header>
      <Entry label={t('audit_search')} type="search" value={search} onValue={setSearch} />
      <Answer asked={records}>
        {(list) => (
          <>
            <Records records={list.filter((record) => textOf(record).includes(search.trim().toLowerCase()))} />
            {list.length === limit && limit < allRecords && (
              <div class="deeds">
                <button type="button" class="plain" onClick={() => setLimit(allRecords)}>
                  {t('audit_more')}
                </button>
              </div>
            )}
          </>
        )}
      </Answer>
    </section>
  );
}

function textOf({ account, action, subject, detail }: AuditRecord): string {
  return `${account} ${action} ${subject} ${detail}`.toLowerCase();
}

function Records({ records }: { records: readonly AuditRecord[] }): JSX.Element {
  const { t, language } = useManageWords();
  if (records.length === 0) return <p class="hint">{t('audit_none')}</p>;
  return (
    <ul class="audit">
      {records.map(({ at, account, action, subject, detail }, index) => (
        <li key={index}>
          <time>{new Date(at).toLocaleString(language)}</time>
          <b>{account}</b>
          <span>
            {action} {subject}
          </span>
          <i>{detail}</i>
        </li>
      ))}
    </ul>
  );
}
