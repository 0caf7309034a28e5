/** What the page of scenes shows, as it stands in its address: `#/scenes`, `#/scenes/sources`, `#/scenes/<a scene's id>` … Pure. */
export const TABS = ['scenes', 'sources', 'overlays'] as const;
export type Tab = (typeof TABS)[number];

/** What stands behind the page's name; empty: nothing. @param hash of the address, with its `#` */
export const placeOf = (hash: string): string => /^#\/scenes\/([A-Za-z0-9_-]{1,40})/.exec(hash)?.[1] ?? '';

export const tabOf = (where: string): Tab => (where === 'sources' || where === 'overlays' ? where : 'scenes');

export const addressOf = (tab: Tab): string => (tab === 'scenes' ? '#/scenes' : `#/scenes/${tab}`);
