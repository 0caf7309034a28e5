/** A part of the page whose code is fetched when it is first shown. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.js';

/** @param load `() => import('…')` of a module that exports the component by `name` */
export function lazy<Name extends string>(name: Name, load: () => Promise<Record<Name, ComponentType>>): ComponentType {
  let loaded: ComponentType | undefined;
  return function Lazy() {
    const [Part, setPart] = useState(() => loaded);
    const [isBroken, setBroken] = useState(false);
    useEffect(() => {
      if (Part) return;
      load().then((module) => {
        loaded = module[name];
        setPart(() => loaded);
      }, () => setBroken(true));
    }, [Part]);
    if (Part) return <Part />;
    return <p class="empty" role="status">{isBroken ? texts.page.notLoaded : texts.page.loading}</p>;
  };
}
