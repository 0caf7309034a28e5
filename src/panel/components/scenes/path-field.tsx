/** A file of the media folder, chosen from those that are there or typed. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { SourceKind } from '../../../protocol/resources.js';
import { mediaPaths } from '../../store/sources.js';
import { texts } from '../../texts.js';
import { Field } from '../parts.js';

export function PathField({ kind, value, onChange }: { kind: SourceKind; value: string; onChange(path: string): void }) {
  const [paths, setPaths] = useState<readonly string[]>([]);
  const list = useId();
  useEffect(() => {
    let isShown = true;
    void mediaPaths(kind).then((found) => { if (isShown) setPaths(found); });
    return () => { isShown = false; };
  }, [kind]);
  return (
    <Field label={texts.sources.path} hint={texts.sources.pathHint}>
      {(field) => (
        <>
          <input {...field} value={value} maxLength={1024} required spellcheck={false} autocapitalize="off" list={list} onInput={(event) => onChange(event.currentTarget.value)} />
          <datalist id={list}>{paths.map((path) => <option key={path} value={path} />)}</datalist>
        </>
      )}
    </Field>
  );
}
