/** `node dist/test/support/ahead.js`: makes the footage of the tests that have the machine to themselves. */
import { joinFilms, shortJoinFilms } from './joins.js';
import { film } from './pattern/film.js';
import { patternFile } from './pattern/generate.js';
import { plightFile, plights } from './pattern/plight.js';
import { usualFilms, usualPatterns } from './pattern/usual.js';

// Several processors are one encoder's already.
for (const options of usualPatterns) await patternFile(options);
for (const options of usualFilms) await film(options);
for (const plight of plights) await plightFile(plight);
await joinFilms(shortJoinFilms);
