// POST /v1/notices: validates a notice, stores it once per idempotency key and once per the office's own number.

import { createHmac } from "node:crypto";
import { GetItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { ulid } from "ulid";
import { event, indexed, put, sha256 } from "./items.mjs";
import { serve } from "./runtime.mjs";
import { dynamo, settings, TableName } from "./settings.mjs";

const GENESIS = "0".repeat(64);
const secrets = new SecretsManagerClient({});
const { SecretString: recipientKey } = await secrets.send(
  new GetSecretValueCommand({ SecretId: process.env.RECIPIENT_KEY_SECRET }),
);

const answer = (statusCode, body, headers = {}) => ({
  statusCode,
  headers: { "content-type": statusCode < 400 ? "application/json" : "application/problem+json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const problem = (status, title, more) => answer(status, { status, title, ...more });

const MOBILE = /^\+821[016789]\d{7,8}$/;
function phone(text) {
  const plain = text.trim().normalize("NFKC");
  if (/\p{L}/u.test(plain)) return undefined;
  let digits = plain.replace(/\D/g, "");
  if (digits.startsWith("82")) digits = digits.slice(2);
  digits = digits.replace(/^0/, "");
  return /^[1-7]\d{7,9}$/.test(digits) ? `+82${digits}` : undefined;
}
const within = (low, high) => (text) => {
  const plain = text.trim();
  const length = [...plain].length;
  return length >= low && length <= high && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(plain) ? plain : undefined;
};
const matching = (pattern) => (text) => {
  const plain = text.trim().normalize("NFKC");
  return pattern.test(plain) ? plain : undefined;
};
const oneOf = (codes) => (text) => (codes.includes(text) ? text : undefined);

/** Reads an object field by field; collects every fault with its pointer. */
function reader(object, pointer, faults) {
  const known = new Set();
  const fault = (name, detail) => faults.push({ pointer: `${pointer}/${name}`, detail });
  const take = (name, parse, expected, required) => {
    known.add(name);
    const value = object[name] ?? undefined;
    if (value === undefined) {
      if (required) fault(name, "required");
      return undefined;
    }
    const parsed = typeof value === "string" ? parse(value) : undefined;
    if (parsed === undefined) fault(name, `expected ${expected}`);
    return parsed;
  };
  const nested = (name, read, required) => {
    known.add(name);
    const value = object[name] ?? undefined;
    if (value === undefined) {
      if (required) fault(name, "required");
      return undefined;
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      fault(name, "expected an object");
      return undefined;
    }
    return read(reader(value, `${pointer}/${name}`, faults));
  };
  return {
    fault,
    required: (name, parse, expected) => take(name, parse, expected, true),
    optional: (name, parse, expected) => take(name, parse, expected, false),
    object: (name, read) => nested(name, read, true),
    optionalObject: (name, read) => nested(name, read, false),
    done(result) {
      for (const name of Object.keys(object)) if (!known.has(name)) fault(name, "unknown field");
      return result;
    },
  };
}

function parse(body, { departments, kinds }, now) {
  const faults = [];
  const top = reader(body, "#", faults);
  const notice = top.done({
    reference: top.required("reference", matching(/^[^\p{Cc}]{1,64}$/u), "a reference"),
    kind: top.required("kind", oneOf(kinds.map((kind) => kind.code)), "a kind"),
    department: top.required("department", oneOf(departments.map((department) => department.code)), "a department"),
    title: top.required("title", within(1, 200), "1 to 200 characters"),
    body: top.required("body", within(1, 30_000), "1 to 30000 characters"),
    refusal: top.optionalObject("refusal", (refusal) => refusal.done({
      reason: refusal.required("reason", within(1, 4_000), "1 to 4000 characters"),
      remedy: refusal.required("remedy", within(1, 4_000), "1 to 4000 characters"),
    })),
    officer: top.object("officer", (officer) => officer.done({
      unit: officer.required("unit", within(1, 60), "1 to 60 characters"),
      name: officer.required("name", within(1, 30), "1 to 30 characters"),
      phone: officer.required("phone", within(2, 30), "2 to 30 characters"),
    })),
    recipient: top.object("recipient", (recipient) => {
      const person = {
        name: recipient.required("name", within(1, 60), "a name"),
        phone: recipient.optional("phone", phone, "a Korean telephone number"),
        email: recipient.optional("email", matching(/^[^\s@"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/), "an e-mail address"),
        address: recipient.optionalObject("address", (address) => address.done({
          postal_code: address.required("postal_code", matching(/^\d{5}$/), "five digits"),
          line: address.required("line", within(5, 200), "5 to 200 characters"),
        })),
        birth_date: recipient.optional("birth_date", matching(/^\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/), "YYMMDD"),
        entity: recipient.required("entity", oneOf(["person", "corporation"]), "person or corporation"),
      };
      if (!person.phone && !person.email && !person.address) recipient.fault("", "expected at least one way to reach");
      return recipient.done(person);
    }),
    send_after: top.optional("send_after", (text) => {
      const at = Date.parse(text);
      return Number.isNaN(at) || at > now + 366 * 86_400_000 ? undefined : new Date(at).toISOString();
    }, "a moment within a year"),
  });
  return { notice, faults };
}

async function standing(recipientId, kind) {
  const { Items } = await dynamo.send(new QueryCommand({
    TableName, ConsistentRead: true, KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
    ExpressionAttributeValues: marshall({ ":pk": `RECIPIENT#${recipientId}`, ":prefix": "PREFERENCE#" }),
  }));
  const preferences = Items.map((item) => unmarshall(item));
  const of = (scope) => preferences.find(({ sk }) => sk === `PREFERENCE#${scope}`);
  return of("*")?.opted_out ? of("*") : of(kind) ?? of("*");
}

/** Why a notice goes straight to post; undefined where its resident is asked. */
function postReason(recipient, kind, preference) {
  if (kind.corporations_by_post && recipient.entity === "corporation") return "corporation";
  if (!recipient.phone) return "no_phone";
  if (preference?.opted_out) return "opted_out";
  if (!MOBILE.test(recipient.phone)) return "not_a_mobile";
  return preference?.route === "post" ? "standing_preference" : undefined;
}

const masked = (text, shown) => text && `${text.slice(0, shown)}***`;

async function earlier(pk, requestHash) {
  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName, Key: marshall({ pk, sk: "ONCE" }), ConsistentRead: true }),
  );
  if (!Item) return undefined;
  const once = unmarshall(Item);
  if (once.request_hash !== requestHash) {
    const errors = [{ header: "Idempotency-Key", detail: "came before with another body" }];
    return problem(422, "the request is not acceptable", { errors });
  }
  return answer(201, once.answer, { location: `/v1/notices/${once.notice}` });
}

async function create(request) {
  const key = request.headers["idempotency-key"]?.trim() ?? "";
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) return problem(400, "the request is not well-formed");
  if (request.body.length > 256 * 1024) return problem(413, "the body is too large");
  let document;
  try {
    document = JSON.parse(request.body);
  } catch {
    return problem(400, "the request is not well-formed");
  }
  const requestHash = sha256(request.body);
  const caller = request.requestContext.authorizer?.jwt?.claims.client_id ?? "office";
  const oncePk = `ONCE#intake#${caller}#${key}`;
  const known = await settings();
  const now = Date.now();
  const { notice: { recipient, send_after, refusal, ...rest } = {}, faults } = parse(document, known, now);
  if (faults.length > 0) return (await earlier(oncePk, requestHash)) ?? problem(422, "the request is not acceptable", { errors: faults });
  const recipientId = recipient.phone && createHmac("sha256", recipientKey).update(recipient.phone).digest("hex");
  const kind = known.kinds.find(({ code }) => code === rest.kind);
  const preference = recipientId && (await standing(recipientId, rest.kind));
  const at = new Date(now).toISOString();
  const id = ulid(now);
  const notBefore = send_after > at ? send_after : null;
  const reason = notBefore ? undefined : postReason(recipient, kind, preference);
  const facts = [{ version: 1, at, type: "accepted", not_before: notBefore }];
  let state = { name: "accepted", not_before: notBefore, cause: 1 };
  if (reason) {
    facts.push({ version: 2, at, type: "post_required", reason });
    state = recipient.address ? { name: "posting", reason, since: at } : { name: "needs_attention", reason: "no_address", since: at };
  } else if (preference && !notBefore) {
    const { route, consent } = preference;
    facts.push({ version: 2, at, type: "channel_chosen", route, consent, evidence: "standing_preference" });
    state = { name: "sending", route: { route, consent }, cause: 2 };
  }
  const events = [];
  for (const fact of facts) events.push(event(id, events.at(-1)?.hash ?? GENESIS, fact));
  const lost = new Date(now + 60 * 60_000).toISOString();
  const { address, ...person } = recipient;
  const notice = indexed({
    pk: `NOTICE#${id}`, sk: "NOTICE", id, version: facts.length, state,
    paper: { is: "awaited", round: 0, overdue_at: lost }, ledger: {}, has_postal_address: Boolean(address),
    head: events.at(-1).hash, accepted_at: at, updated_at: at,
  }, rest.department, lost);
  const details = {
    pk: notice.pk, sk: "NOTICE#DETAILS", ...rest, nature: kind.nature, refusal: refusal ?? null,
    recipient_id: recipientId ?? null, permit: null,
    recipient: {
      name: person.name, phone: person.phone ?? null, email: person.email ?? null,
      postal_code: address?.postal_code ?? null, address_line: address?.line ?? null,
      birth_date: person.birth_date ?? null, entity: person.entity,
    },
  };
  const view = JSON.stringify({
    id, reference: rest.reference, kind: rest.kind, department: rest.department, state, version: facts.length,
    recipient: {
      name: masked(person.name, 1), phone: masked(person.phone, 5), email: masked(person.email, 2),
      address: masked(address?.line, 9), entity: person.entity,
    },
    accepted_at: at, updated_at: at, events: facts,
  });
  const referencePk = `ONCE#reference#${rest.department}#${rest.kind}#${rest.reference}`;
  const seconds = (days) => Math.floor(now / 1000) + days * 86_400;
  const writes = [
    put(notice),
    put({ pk: referencePk, sk: "ONCE", notice: id }),
    put({ pk: oncePk, sk: "ONCE", notice: id, request_hash: requestHash, answer: view, expires: seconds(7) }),
    put(details),
    ...events.map(put),
  ];
  if (recipientId) writes.push(put({ pk: `RECIPIENT#${recipientId}`, sk: `OPEN#${id}`, notice: id, expires: seconds(90) }));
  if (state.name === "posting") writes.push(put({ pk: "LETTERS#0", sk: notice.listed_at_id }));
  try {
    await dynamo.send(new TransactWriteItemsCommand({ TransactItems: writes }));
  } catch (error) {
    const failed = (index) => error.CancellationReasons?.[index]?.Code === "ConditionalCheckFailed";
    if (failed(2)) return earlier(oncePk, requestHash);
    if (failed(1)) return problem(409, "the reference belongs to another notice");
    console.error(JSON.stringify({ level: "ERROR", error: error.name }));
    return problem(503, "the service cannot answer now");
  }
  console.log(JSON.stringify({ level: "INFO", message: "notice accepted", "notice.id": id }));
  return answer(201, view, { location: `/v1/notices/${id}` });
}

await serve(create);
