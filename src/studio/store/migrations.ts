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
  '0005-jobs': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createTable('jobs')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('recording_id', 'text')
        .addColumn('asked_by', 'text', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
        .addColumn('ended_at_ms', 'bigint')
        .addColumn('error', 'text')
        .addColumn('position', 'integer', (c) => c.notNull())
        .execute();
      await db.schema.createIndex('jobs_by_end').on('jobs').columns(['ended_at_ms', 'position']).execute();
      await db.schema.createIndex('jobs_by_recording').on('jobs').columns(['recording_id']).execute();
      await db.schema.createTable('job_steps')
        .addColumn('job_id', 'text', (c) => c.notNull())
        .addColumn('step_id', 'text', (c) => c.notNull())
        .addColumn('position', 'integer', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('job_steps_key', ['job_id', 'step_id'])
        .execute();
      await db.schema.createIndex('job_steps_by_key').on('job_steps').columns(['key']).execute();
      await db.schema.createTable('job_works')
        .addColumn('key', 'text', (c) => c.primaryKey().notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('input', 'text', (c) => c.notNull())
        .addColumn('is_media', 'integer', (c) => c.notNull())
        .addColumn('priority', 'integer', (c) => c.notNull())
        .addColumn('position', 'integer', (c) => c.notNull())
        .addColumn('token', 'bigint', (c) => c.notNull())
        .addColumn('failures', 'integer', (c) => c.notNull())
        .addColumn('losses', 'integer', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('not_before_ms', 'bigint')
        .addColumn('until_ms', 'bigint')
        .addColumn('worker', 'text')
        .addColumn('life', 'text')
        .addColumn('detail', 'text', (c) => c.notNull())
        .addColumn('result', 'text')
        .execute();
      await db.schema.createIndex('job_works_by_state').on('job_works').columns(['state', 'priority', 'position']).execute();
      await db.schema.createTable('job_needs')
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('step_id', 'text', (c) => c.notNull())
        .addColumn('needed_key', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('job_needs_key', ['key', 'step_id'])
        .execute();
    },
  },
  '0006-analyses': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.createTable('moments')
        .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
        .addColumn('recording_id', 'text', (c) => c.notNull())
        .addColumn('boot_id', 'text', (c) => c.notNull())
        .addColumn('program_ms', 'real', (c) => c.notNull())
        .addColumn('wall_ms', 'real', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('target', 'text')
        .execute();
      await db.schema.createIndex('moments_by_recording').on('moments').columns(['recording_id', 'id']).execute();
      await db.schema.createTable('decisions')
        .addColumn('recording_id', 'text', (c) => c.notNull())
        .addColumn('highlight_id', 'text', (c) => c.notNull())
        .addColumn('json', 'text', (c) => c.notNull())
        .addColumn('by', 'text', (c) => c.notNull())
        .addColumn('at_ms', 'real', (c) => c.notNull())
        .addPrimaryKeyConstraint('decisions_key', ['recording_id', 'highlight_id'])
        .execute();
      await db.schema.createIndex('decisions_by_time').on('decisions').column('at_ms').execute();
    },
  },
};
