/** Looks for canary secrets in every place where a person or a program could stumble on one. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessInfo } from './procfs.js';

export interface Finding {
  where: string;
  secret: string;
}

/** Both as given and in the encodings a careless line would show it in. */
function forms(secret: string): string[] {
  return [...new Set([secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex')])];
}

export function findInText(where: string, text: string | Buffer, secrets: readonly string[]): Finding[] {
  return secrets.filter((secret) => forms(secret).some((form) => text.includes(form))).map((secret) => ({ where, secret }));
}

/** Every file below a folder except those `allowed` by the path from it. Sockets and the like are passed by. */
export function findInFiles(folder: string, secrets: readonly string[], allowed: (relative: string) => boolean): Finding[] {
  const findings: Finding[] = [];
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    try {
      if (!statSync(path).isFile() || allowed(entry)) continue;
      findings.push(...findInText(entry, readFileSync(path), secrets));
    } catch {
      // Gone or no file to read.
    }
  }
  return findings;
}

/** Arguments of every process, and environments too, which any process of the same user can read. */
export function findInProcesses(processes: readonly ProcessInfo[], secrets: readonly string[]): Finding[] {
  return processes.flatMap(({ pid, comm }) => ['cmdline', 'environ'].flatMap((file) => {
    try {
      return findInText(`${file} of ${comm}`, readFileSync(`/proc/${pid}/${file}`), secrets);
    } catch {
      return [];
    }
  }));
}
