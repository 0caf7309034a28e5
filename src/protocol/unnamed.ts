/** Who did something without a name: what it came by. */
export const UNNAMED = { panel: 'a panel', rest: 'REST', websocket: 'the websocket' } as const;
