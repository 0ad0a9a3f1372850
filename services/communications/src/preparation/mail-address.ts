/** RFC 5321 §4.5.3.1.3: a path has 256 octets at most, angle brackets included. */
const MAX_LENGTH = 254;
/** One `@`; no space, control character, quote, comma or bracket, which have a meaning of their own in headers. */
const ADDRESS = /^[^\s\p{Cc}@<>()[\],;:"\\]{1,64}@[^\s\p{Cc}@<>()[\],;:"\\]+$/u;

/** Whether mail can be addressed to it, with nothing in it that could reach into a header (REL-9). */
export function isMailAddress(text: string): boolean {
  return text.length <= MAX_LENGTH && ADDRESS.test(text);
}
