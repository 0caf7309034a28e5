/** What to do where a disk takes no writes. Follows a sentence that names the disk; said by whoever could not write, and by the warning. */
export const READ_ONLY_ADVICE = 'It was mounted so, or the system has switched it to that after errors: look what "dmesg" says, and mount it for writing again; where it had errors, stop VistterStudio before, and check it.';
