// Holds the verifier in JavaScript, and the official library, to the shared vectors.
//
// node check.mjs LIBRARY: the address of the module `standardwebhooks`. It prints how many
// vectors it tried, and ends with 1 where one of the two differs from what a vector says.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { verify } from "./webhook-verifier.mjs";

const { Webhook } = createRequire(import.meta.url)(process.argv[2]);
const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
const wrong = [];

function holds(act) {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

for (const { name, headers, body, secrets, now, verified } of vectors) {
  Date.now = () => now * 1000; // the library asks no argument
  const ours = holds(() => verify(headers, Buffer.from(body), secrets, now));
  const official = secrets.some((each) => holds(() => new Webhook(each).verify(body, headers)));
  if (ours !== verified) wrong.push(`the verifier: ${name}`);
  if (official !== verified) wrong.push(`standardwebhooks: ${name}`);
}
for (const each of wrong) console.error(each);
console.log(`${vectors.length} vectors`);
process.exitCode = wrong.length === 0 && vectors.length > 0 ? 0 : 1;
