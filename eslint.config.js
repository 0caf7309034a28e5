/**
 * What the linter holds: imports run one way, each delicate package has one door, the environment has one reader, files stay
 * short. `npm run lint`.
 */
import tseslint from 'typescript-eslint';

/** Each folder below src/ and what of ours it may import: the floors of docs/architecture.md. */
const PROCESSES = ['ingest', 'engine', 'egress', 'studio', 'sidecar'];
const FLOORS = {
  protocol: [],
  rtmp: ['protocol'],
  platforms: ['protocol', 'rtmp'],
  domain: ['protocol', 'rtmp', 'platforms'],
  runtime: ['protocol', 'rtmp', 'platforms'],
  ...Object.fromEntries(PROCESSES.map((name) => [name, ['protocol', 'rtmp', 'platforms', 'domain', 'runtime']])),
  panel: ['protocol'],
};

/** Packages that one file alone may import. */
const DOORS = {
  'node-media-server': 'src/ingest/media-server.ts',
  '@napi-rs/canvas': 'src/engine/canvas.ts',
  'fluent-ffmpeg': 'src/sidecar/offline-ffmpeg.ts',
  croner: 'src/domain/schedule/cron.ts',
  yazl: 'src/studio/zip.ts',
};

const doorPatterns = (file) => Object.entries(DOORS).filter(([, door]) => door !== file).map(([name, door]) => ({
  group: [name, `${name}/**`], message: `Only ${door} may import ${name}.`,
}));

const folderPatterns = (folder) => Object.keys(FLOORS).filter((other) => other !== folder && !FLOORS[folder].includes(other)).map((other) => ({
  group: [`**/${other}/**`], message: `src/${folder} may not import src/${other}: imports run one way.`,
}));

const DATE_NOW = { object: 'Date', property: 'now', message: 'Measure by a monotonic clock; wall time comes from src/runtime/clock.ts.' };
const PROCESS_ENV = { object: 'process', property: 'env', message: 'Settings come from src/runtime/config.ts.' };

const imports = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['dist/**', '.upgrade/**', 'native/**', 'node_modules/**', 'data/**', 'coverage/**', '**/*.d.ts'] },
  ...tseslint.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['vitest.config.ts'] }, tsconfigRootDir: import.meta.dirname } },
  },
  {
    rules: {
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      // Not where a closure reads the variable before it has its value.
      'prefer-const': ['error', { ignoreReadBeforeAssign: true }],

      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'max-lines': ['error', 400],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
    },
  },
  // Whoever translates the panel has one file before them.
  { files: ['src/panel/texts.ts'], rules: { 'max-lines': 'off' } },
  {
    // A promise that nobody waits for is an error that nobody hears of.
    files: ['src/**/*.ts', 'src/**/*.tsx', 'overlays/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-console': 'error',
      ...imports(doorPatterns('')),
    },
  },
  ...Object.keys(FLOORS).map((folder) => ({
    files: [`src/${folder}/**/*.ts`, `src/${folder}/**/*.tsx`],
    rules: imports([...doorPatterns(''), ...folderPatterns(folder)]),
  })),
  ...Object.values(DOORS).map((door) => ({
    files: [door],
    rules: imports([...doorPatterns(door), ...folderPatterns(door.split('/')[1])]),
  })),
  {
    // The panel and the protocol also run in a browser.
    files: ['src/protocol/**/*.ts', 'src/panel/**/*.ts', 'src/panel/**/*.tsx'],
    ignores: ['src/panel/vite.config.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer'] },
  },
  {
    // The addon has one door as well, and the environment one reader.
    files: ['src/**/*.ts'],
    ignores: ['src/engine/native.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: 'Literal[value=/\\.node$/]', message: 'Only src/engine/native.ts loads the addon.' }] },
  },
  // The environment has one reader. The wall clock is set back and forth, so nothing is measured by it: it has one reader too.
  { files: ['src/**/*.ts', 'src/**/*.tsx', 'scripts/**/*.mjs'], rules: { 'no-restricted-properties': ['error', DATE_NOW] } },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/runtime/config.ts', 'src/runtime/child.ts'],
    rules: { 'no-restricted-properties': ['error', DATE_NOW, PROCESS_ENV] },
  },
  { files: ['src/runtime/clock.ts'], rules: { 'no-restricted-properties': ['error', PROCESS_ENV] } },
  {
    files: ['test/**'],
    rules: { '@typescript-eslint/no-explicit-any': 'off', 'max-lines': ['error', 500] },
  },
  {
    files: ['scripts/**/*.mjs', '*.js', '*.cjs', 'nginx/**/*.mjs', 'test/**/*.mjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
