/** The fields of `/proc/PID/stat` behind the name, which is in brackets and may hold anything: the first is the state. */
export const statFields = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');
