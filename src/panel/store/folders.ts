/** Folders as sources of clips: made, taken out, and their files read. They are changed by ./edits.ts, as others may be at them too. */
import { FolderWithFiles, type FolderInput } from '../../protocol/folder.js';
import { request } from '../lib/api.js';
import { attempt } from './actions.js';

/** @returns whether it was added */
export async function addFolder(input: FolderInput): Promise<boolean> {
  return (await attempt('folders', request('POST', '/folders', input))) !== undefined;
}

export const deleteFolder = (id: string) => attempt('folders', request('DELETE', `/folders/${encodeURIComponent(id)}`));

/** Its files, a page of them. @throws ApiError */
export const readFiles = async (id: string, from: number): Promise<FolderWithFiles> => FolderWithFiles.parse(await request('GET', `/folders/${encodeURIComponent(id)}?from=${from}`));
