/** How the processes of the product are started, as ecosystem.config.cjs has it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repositoryRoot } from './media.js';

interface AppOptions { name: string; node_args: string[]; env: Record<string, string> }

const { apps } = createRequire(import.meta.url)(join(repositoryRoot, 'ecosystem.config.cjs')) as { apps: AppOptions[] };

/** @throws for a role that has no process */
export function startedAs(role: string): { nodeArgs: string[]; env: Record<string, string> } {
  const app = apps.find(({ name }) => name === role);
  if (!app) throw new Error(`no process is called ${role}`);
  return { nodeArgs: app.node_args, env: app.env };
}
