/** Failures of the machine that pass: it has too few files, processes or memory at the moment, whatever they were wanted for. */
const SCARCE = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR'];

export function isScarcity(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && SCARCE.includes(code);
}

/** Whether a job or a call of the file system failed for want of room on the disk. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT';
}
