/* Sign in, list work, carry out an audit, meet a 412, page through a list: all that screens do. */
import type { components } from "./contract.js"; // openapi-typescript openapi.client.json -o contract.d.ts

type Schema = components["schemas"];
type Problem = Schema["Problem"];
type Audit = Schema["AuditOut"];
type Tagged<T> = { body: T; tag: string };

const base = process.env.QA_URL ?? "http://localhost:8000";
const [overseer, auditor] = [process.env.OVERSEER_TOKEN ?? "", process.env.AUDITOR_TOKEN ?? ""]; // from your sign-in

/** One request as one person; a refusal is thrown with its problem. */
async function ask<T>(token: string, method: string, path: string, body?: unknown, headers = {}): Promise<Tagged<T>> {
  const answer = await fetch(base + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const said: unknown = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(`${method} ${path}`), { problem: said as Problem, tag: answer.headers.get("ETag") });
  return { body: said as T, tag: answer.headers.get("ETag") ?? "" };
}

/** Change what was read; when somebody else was quicker, do it again on what is there now. */
async function change<T>(token: string, method: string, path: string, body: unknown, tag: string): Promise<Tagged<T>> {
  try {
    return await ask<T>(token, method, path, body, { "If-Match": tag });
  } catch (refused) {
    const { problem, tag: current } = refused as { problem: Problem; tag: string };
    if (problem.status !== 412) throw refused;
    console.log("412: somebody else was quicker"); // a screen shows both versions and asks
    return ask<T>(token, method, path, body, { "If-Match": current });
  }
}

/** Every row of a list, page by page. */
async function* rows<T>(token: string, path: string): AsyncGenerator<T> {
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: Tagged<{ items: T[]; next_cursor: string | null }> = await ask(token, "GET", `${path}?limit=2${query}`);
    yield* page.body.items;
    cursor = page.body.next_cursor;
  }
}

// Quality & Standards register a child and plan an audit for the auditor.
const me = (await ask<Schema["Me"]>(auditor, "GET", "/v1/me")).body;
const subject = { system: "mosaic", ref: `C-${Date.now()}` };
const child = { kind: "child", team: "lincoln-fast", worker: "sw1-lincoln-fast" };
await ask(overseer, "PUT", `/v1/subjects/mosaic/${subject.ref}`, child, { "If-None-Match": "*" });
const plan = { type: "closure", subject, auditor: me.worker };
const once = { "Idempotency-Key": crypto.randomUUID() }; // the same request again creates nothing twice
const planned = await ask<Audit>(overseer, "POST", "/v1/audits", plan, once);
const path = `/v1/audits/${planned.body.id}`;

// The auditor finds it in their work, and begins. Meanwhile its date is changed: the next change meets a 412.
for await (const item of rows<Schema["WorkItem"]>(auditor, "/v1/me/work")) console.log(`waits: ${item.kind} ${item.path}`);
let audit = await change<Audit>(auditor, "POST", `${path}/start`, {}, planned.tag);
await change<Audit>(overseer, "PATCH", path, { due_on: "2027-03-31" }, audit.tag);
audit = await change<Audit>(auditor, "PATCH", path, { positive_feedback: "Warm and purposeful." }, audit.tag);

// Complete it: what is still missing is told by pointers, `/answers/{question}` and `/judgements/{domain}`.
const tool = (await ask<Schema["ToolOut"]>(auditor, "GET", `/v1/audit-tools/${audit.body.tool_id}`)).body;
const questions = tool.domains.flatMap((domain) => domain.questions);
const good = { judgement: "good", rationale: "Purposeful and in time." };
const values = { yes_no_partial_na: "yes", text: "As planned.", date: "2026-09-01", number: 2, choice: null, judgement: "good" };
for (let missing = [""]; missing.length > 0; ) {
  try {
    audit = await change<Audit>(auditor, "POST", `${path}/complete`, { overall: good }, audit.tag);
    missing = [];
  } catch (refused) {
    missing = ((refused as { problem: Problem }).problem.errors ?? []).map((error) => error.pointer ?? "");
    if (missing.length === 0) throw refused;
    console.log(`missing: ${missing.length} parts`);
  }
  for (const part of missing) {
    const question = questions.find((one) => part === `/answers/${one.key}`);
    if (question) {
      const value = question.choices?.[0] ?? values[question.answer_kind];
      const dates = question.timescale_check ? { done_on: "2026-11-02", expected_by: "2026-11-03" } : {};
      await ask(auditor, "PUT", path + part, { value, evidence: "Case note 12", ...dates }, { "If-None-Match": "*" });
    } else if (part.startsWith("/judgements/")) {
      audit = await change<Audit>(auditor, "PUT", path + part, good, audit.tag);
    } else {
      const none = { expected: false, not_expected_reason: "They asked not to be called." };
      audit = await change<Audit>(auditor, "PUT", `${path}/family-contact`, none, audit.tag);
    }
  }
}
console.log(`${audit.body.state} ${audit.body.overall_judgement}`);
