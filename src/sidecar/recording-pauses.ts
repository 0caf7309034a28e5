/** What was left out of a finished recording: beside it and written before it, so that whoever finds the file finds this as well. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MAX_PAUSES, Pause } from '../protocol/link.js';

const NAME = 'recording.pauses.json';
const Pauses = z.array(Pause).max(MAX_PAUSES);

export async function writePauses(folder: string, pauses: readonly Pause[]): Promise<void> {
  const path = join(folder, NAME);
  if (pauses.length === 0) await rm(path, { force: true });
  else await writeFile(path, JSON.stringify(pauses));
}

/** None where it cannot be read: the times of what was noted are a little off then, and nothing else. */
export async function readPauses(folder: string): Promise<Pause[]> {
  try {
    return Pauses.parse(JSON.parse(await readFile(join(folder, NAME), 'utf8')));
  } catch {
    return [];
  }
}
