/** Which recording's highlights are shown, as it stands in the address. Pure. */

export const addressOf = (recordingId: string): string => `#/highlights/${recordingId}`;

/** null: none. @param hash of the address, with its `#` */
export const recordingOf = (hash: string): string | null => /^#\/highlights\/([A-Za-z0-9_-]{1,40})/.exec(hash)?.[1] ?? null;
