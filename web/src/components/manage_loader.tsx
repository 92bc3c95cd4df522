/** Fetches the script of the pages on which people manage things, when somebody first goes there. */
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useWords } from '../i18n/context';
import type { ManageProps } from '../manage/manage';

let loaded: FunctionComponent<ManageProps> | null = null;

export function ManageLoader(props: ManageProps): JSX.Element {
  const { t } = useWords();
  const [Manage, setManage] = useState<{ page: FunctionComponent<ManageProps> } | null>(loaded && { page: loaded });
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (Manage) return;
    import('../manage/manage').then(
      ({ ManagePage }) => {
        loaded = ManagePage;
        setManage({ page: ManagePage });
      },
      () => setFailed(true),
    );
  }, []);
  if (Manage) return <Manage.page {...props} />;
  if (!failed) return <p class="loading">{t('loading')}</p>;
  // The hub is away, or another version by now, which has scripts of its own.
  return (
    <div class="nothing" role="alert">
      <p>{t('failed_hint')}</p>
      <button type="button" onClick={() => location.reload()}>
        {t('retry')}
      </button>
    </div>
  );
}
