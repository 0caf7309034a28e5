/** Which files of a folder are films and pictures, and in which order they are played. Pure. */
import { createHash } from 'node:crypto';
import type { StoredFolder, StoredFolderFile } from '../../protocol/folder.js';

const FILMS = /\.(mp4|m4v|mov|mkv|webm|flv|avi|ts|m2ts|mts|mpg|mpeg|mxf|ogv|wmv)$/i;
const PICTURES = /\.(png|jpe?g|webp|bmp|tiff?|avif)$/i;

/** What a file is by its name; null: nothing that a folder plays. */
export function fileKind(name: string): StoredFolderFile['kind'] | null {
  if (name.startsWith('.')) return null;
  return FILMS.test(name) ? 'media' : PICTURES.test(name) ? 'image' : null;
}

/** The id of a file's source and, with another prefix, of its clip: of this folder, path and content alone. */
export function fileId(folderId: string, path: string, version: string): string {
  return `fil_${digest(folderId, path, version)}`;
}

export const clipIdOf = (id: string): string => id.replace(/^fil_/, 'clp_');

function digest(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 24);
}

type Sorted = Pick<StoredFolderFile, 'path' | 'modifiedMs'>;
type Compare = (a: Sorted, b: Sorted) => number;

/** How two files stand to each other: 0 only for the same path. Of the two alone, so that a file that joins moves no other. */
export function orderOf({ order, seed }: Pick<StoredFolder, 'order' | 'seed'>): Compare {
  switch (order) {
    case 'name': return byName();
    case 'modified': {
      const named = byName();
      return (a, b) => a.modifiedMs - b.modifiedMs || named(a, b);
    }
    case 'shuffle': {
      const known = new Map<string, string>();
      const rank = ({ path }: Sorted): string => {
        let of = known.get(path);
        if (of === undefined) known.set(path, (of = digest(String(seed), path)));
        return of;
      };
      return (a, b) => plain(rank(a), rank(b)) || plain(a.path, b.path);
    }
    default: return order satisfies never;
  }
}

const NATURAL = new Intl.Collator('en', { numeric: true });

/** As a person would sort: 2 before 10, whatever the case, folder by folder. */
function byName(): Compare {
  const known = new Map<string, string[]>();
  const partsOf = (path: string): string[] => {
    let parts = known.get(path);
    if (!parts) known.set(path, (parts = path.split('/')));
    return parts;
  };
  return (a, b) => {
    const [left, right] = [partsOf(a.path), partsOf(b.path)];
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const order = NATURAL.compare(left[i]!, right[i]!);
      if (order !== 0) return order;
    }
    return left.length - right.length || plain(a.path, b.path);
  };
}

const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
