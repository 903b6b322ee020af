// Verifies the signature of a webhook message. Copy it; it needs nothing but Node.js 18.
//
// Follows Standard Webhooks 1.0. Give it the body as it came, byte for byte (a Buffer): what was
// parsed and written anew has another signature.

import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

/** The message is not shown to be from the service: answer 401 and do nothing. */
export class NotVerified extends Error {}

/**
 * The message's id, once one of your secrets (`whsec_...`) verifies it.
 *
 * While a secret is being replaced give both. `now` is in seconds since 1970, for tests.
 */
export function verify(headers, body, secrets, now = Date.now() / 1000) {
  const sent = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const id = sent.get("webhook-id");
  const timestamp = sent.get("webhook-timestamp");
  const signatures = (sent.get("webhook-signature") ?? "").split(" ").filter(Boolean);
  if (!id || !timestamp || signatures.length === 0) throw new NotVerified("a header is missing");
  if (!/^[0-9]{1,12}$/.test(timestamp)) throw new NotVerified("the timestamp is no number");
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new NotVerified("the timestamp is too old or too new");
  }
  for (const secret of secrets) {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const digest = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
    const expected = Buffer.from(`v1,${digest}`);
    for (const signature of signatures) {
      const given = Buffer.from(signature);
      if (given.length === expected.length && timingSafeEqual(given, expected)) return id;
    }
  }
  throw new NotVerified("no signature fits");
}
