/**
 * Loaded into pm2-runtime ahead of it. Keeps what it says of itself off the terminal, except that a process ended, which
 * becomes a line a person can read; and lets it live on when the terminal it writes to goes away.
 */
const CHATTER = /^\d{4}-\d\d-\d\dT[\d:]+: PM2 (log|info|warn|error): (.*)$/s;
const EXITED = /^App \[(\w+):\d+\] exited with code \[(\d+)\] via signal \[(\w+)\]/;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {});
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    const line = translate(String(chunk));
    if (line !== null) return write(line, ...rest);
    const done = rest.find((argument) => typeof argument === 'function');
    if (done) process.nextTick(done);
    return true;
  };
}

let stopping = false;
for (const name of ['SIGINT', 'SIGTERM']) process.prependListener(name, () => { stopping = true; });

/** The line to show instead; null for none. */
function translate(text) {
  const match = CHATTER.exec(text);
  if (!match) return text;
  const exited = EXITED.exec(match[2]);
  if (exited && !stopping) {
    const [, name, code, signal] = exited;
    // pm2 says SIGINT where there was no signal at all.
    const how = code === '0' && signal !== 'SIGINT' ? signal : `exit code ${code}`;
    return `${name}: ended (${how}); it is started again\n`;
  }
  return match[1] === 'error' && !stopping ? text : null;
}
