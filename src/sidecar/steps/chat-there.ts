/** The chat beside a recording: hours may lie between the asking for an analysis and its last step, and what is gone by then costs it nothing. */
import { access } from 'node:fs/promises';

/** The path, where there is something; else null. */
export async function chatThere(path: string | null): Promise<string | null> {
  if (path === null) return null;
  return access(path).then(() => path, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}

/** A note of the analysis. */
export const CHAT_GONE = 'The chat beside the recording is not there any more: it is told from picture and sound alone.';
