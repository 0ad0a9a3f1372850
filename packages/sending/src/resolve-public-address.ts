import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";

/** A host that leads into the deployment's own network, which an organization's settings must not reach (REL-9). */
export class AddressNotAllowedError extends Error {
  constructor() {
    super("The host leads to a private, loopback or link-local address, which this deployment does not allow.");
    this.name = "AddressNotAllowedError";
  }
}

/**
 * The address to connect to for a host name or an address. Connect to what this answers, not to the name: a second
 * look-up could lead elsewhere.
 * @param options.allowPrivate lets private, loopback, link-local and metadata addresses pass.
 * @throws AddressNotAllowedError where any address of the host is not a public one; the resolver's error where it has none.
 */
export async function resolvePublicAddress(host: string, options: { allowPrivate: boolean }): Promise<string> {
  const found = await lookup(host.replace(/^\[|\]$/g, ""), { all: true });
  if (!options.allowPrivate && !found.every(({ address }) => isPublic(address))) throw new AddressNotAllowedError();
  return (found.find(({ family }) => family === 4) ?? found[0]!).address;
}

/** Only plain unicast is public: every special range of the IANA registries has another name in ipaddr.js. */
function isPublic(address: string): boolean {
  // `process` turns an IPv4 address that is mapped into IPv6 back into itself.
  return ipaddr.process(address).range() === "unicast";
}
