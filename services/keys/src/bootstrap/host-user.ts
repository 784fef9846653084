/** Who runs this process, for the audit log. */
import { hostname, userInfo } from 'node:os';

/** @param sudoUser `SUDO_USER`: who became the present user by sudo, where somebody did */
export function hostUser(sudoUser?: string): { osUser: string; host: string } {
  const name = currentUser();
  const osUser = sudoUser === undefined || sudoUser === name ? name : `${sudoUser} as ${name}`;
  return { osUser, host: hostname() };
}

/** A container may run under a number that no name belongs to. */
function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
