/** A zone that the IANA time zone database of this runtime does not have. */
export class UnknownTimeZoneError extends Error {
  constructor(timeZone: string) {
    super(`"${timeZone}" is not an IANA time zone.`);
    this.name = "UnknownTimeZoneError";
  }
}
