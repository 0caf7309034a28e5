/** The database's shape, one step a release; never edited once released. */
import type { Kysely, Migration } from 'kysely';

export const MIGRATIONS: Record<string, Migration> = {
  '0001-documents': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createTable('documents')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('revision', 'integer', (c) => c.notNull())
        .addColumn('json', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .addColumn('updated_at', 'text', (c) => c.notNull())
        // What was made first is listed first, also when two were made in the same millisecond.
        .addColumn('position', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('documents_key', ['kind', 'id'])
        .execute();
      await db.schema.createTable('secrets')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('sealed', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createTable('sessions')
        .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
        .addColumn('expires_at_ms', 'integer', (c) => c.notNull())
        .execute();
    },
  },
  '0002-airings': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createTable('airings')
        .addColumn('airing_id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('insert_id', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('mode', 'text', (c) => c.notNull())
        .addColumn('started_at_ms', 'integer', (c) => c.notNull())
        .addColumn('frame', 'integer', (c) => c.notNull())
        .addColumn('frames', 'integer', (c) => c.notNull())
        .addColumn('planned_frames', 'integer', (c) => c.notNull())
        .addColumn('fps', 'real', (c) => c.notNull())
        .addColumn('ended', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('airings_by_time').on('airings').columns(['started_at_ms', 'airing_id']).execute();
      await db.schema.createIndex('airings_by_insert').on('airings').columns(['insert_id', 'started_at_ms', 'airing_id']).execute();
    },
  },
  '0003-missed-frames': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Null: of a line that was written before they were counted.
      await db.schema.alterTable('airings').addColumn('missed_frames', 'integer').execute();
    },
  },
  '0004-health': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createTable('events')
        .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
        .addColumn('at_ms', 'integer', (c) => c.notNull())
        .addColumn('last_ms', 'integer', (c) => c.notNull())
        .addColumn('count', 'integer', (c) => c.notNull())
        .addColumn('level', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('code', 'text', (c) => c.notNull())
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('by', 'text')
        .addColumn('ids', 'text', (c) => c.notNull())
        .execute();
      await db.schema.createTable('minutes')
        .addColumn('at_ms', 'integer', (c) => c.primaryKey().notNull())
        .addColumn('json', 'text', (c) => c.notNull())
        .execute();
    },
  },
};
