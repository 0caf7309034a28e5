import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { INSTALL_ROOT } from './paths.js';

/** As package.json says. */
export const PRODUCT_VERSION: string = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(join(INSTALL_ROOT, 'package.json'), 'utf8'))).version;
