const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True for the text of a UUID in its usual form. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
