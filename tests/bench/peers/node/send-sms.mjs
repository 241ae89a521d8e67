// Works through the SMS queue: claims a question, hands it to SNS once, records what it answered.

import { randomInt } from "node:crypto";
import { QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { advance, event, indexed, overwrite, put, sha256 } from "./items.mjs";
import { serve } from "./runtime.mjs";
import { dynamo, settings, TableName } from "./settings.mjs";

const sns = new SNSClient({ maxAttempts: 1 });
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const drawn = (length, alphabet) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
const fits = (text) => text.length <= 70 && [...text].reduce((sum, c) => sum + (c > "\u007f" ? 2 : 1), 0) <= 90;

/** When texts may go again; undefined where they may now. Seoul has no summer time. */
function closedUntil({ from, until }, now) {
  const minutes = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const [opens, closes, day] = [minutes(from), minutes(until), 1440];
  const at = Math.floor(now / 60_000 + 540) % day;
  const open = opens < closes ? at >= opens && at < closes : at >= opens || at < closes;
  return open || opens === closes ? undefined : new Date((Math.floor(now / 60_000) + ((opens - at + day) % day)) * 60_000).toISOString();
}

/** The question in words, and the token of the link it carries. */
function question(known, department, kind, code) {
  const matter = kind.nature === "disposition" ? "결과" : "안내";
  const { short_name: office, phone } = known.office;
  const link = drawn(12, ALPHABET);
  const linked = (sender) => `${sender}\n${matter} 1문자2메일3우편 답장\n${process.env.PUBLIC_URL}/c/${link}\n확인${code}`;
  const both = [linked(`${office} ${phone}`), linked(office)].find(fits);
  if (both) return { words: both, link };
  const digits = (sender, about) => `[${sender}] ${about}\n받을 방법을 답장 바랍니다.\n1문자 2이메일 3우편\n${phone}\n확인${code}`;
  const named = `${office} ${department.name}`;
  const fuller = [digits(named, kind.label), digits(named, matter), digits(office, kind.label)];
  return { words: fuller.find(fits) ?? digits(office, matter) };
}

async function move(notice, department, fact, change, dueAt, more) {
  const version = notice.version + 1;
  const recorded = event(notice.id, notice.head, { version, at: fact.at, ...fact });
  const after = indexed({ ...notice, ...change, version, head: recorded.hash, updated_at: fact.at }, department.code, dueAt);
  await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [advance(after), put(recorded), ...more] }));
  return after;
}

async function send({ notice: id, cause, message }) {
  const known = await settings();
  const { Items } = await dynamo.send(new QueryCommand({
    TableName, KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to", ConsistentRead: true,
    ExpressionAttributeValues: marshall({ ":pk": `NOTICE#${id}`, ":from": "NOTICE", ":to": "NOTICE#DETAILS" }),
  }));
  if (Items.length < 2) throw new Error(`notice ${id} is missing`);
  const [found, details] = Items.map((item) => unmarshall(item));
  let notice = found;
  const entry = notice.ledger[cause];
  const now = Date.now();
  if (notice.state.name !== "accepted" || notice.state.cause !== cause || entry?.is === "sent") return;
  if (entry?.lease_until && Date.parse(entry.lease_until) > now) throw new Error("another sender holds it");
  const kind = known.kinds.find(({ code }) => code === details.kind);
  const department = known.departments.find(({ code }) => code === details.department);
  const held = closedUntil(known.sending_hours, now);
  if (held) {
    const wait = { type: "held", at: new Date(now).toISOString(), cause, message, until: held };
    const ledger = { ...notice.ledger, [cause]: { is: "held", message, attempts: entry?.attempt ?? 0, until: held } };
    await move(notice, department, wait, { ledger }, held, []);
    return;
  }
  const code = drawn(6, CROCKFORD);
  const { words, link } = question(known, department, kind, code);
  const at = new Date(now).toISOString();
  const leaseUntil = new Date(now + 90_000).toISOString();
  const attempt = (entry?.attempt ?? 0) + 1;
  const claimed = { is: "claimed", message, attempt, lease_until: leaseUntil, round: 0 };
  const days = known.link_days * 86_400_000;
  const issued = put({
    pk: `VERIFY#${code}`, sk: "VERIFY", code, notice: id, message, department: department.code, label: kind.label, at,
    expires: Math.floor(now / 1000) + 90 * 86_400,
  });
  const links = link
    ? [put({
      pk: `LINK#${sha256(link)}`, sk: "LINK", notice: id, expires_at: new Date(now + days).toISOString(), tries: 0,
      expires: Math.floor((now + days) / 1000) + 90 * 86_400,
    })]
    : [];
  const claim = { type: "send_claimed", at, cause, message, attempt, lease_until: leaseUntil, possible_duplicate: attempt > 1 };
  const ledger = { ...notice.ledger, [cause]: claimed };
  notice = await move(notice, department, claim, { ledger }, leaseUntil, [...links, issued]);
  const text = (value) => ({ DataType: "String", StringValue: value });
  const { MessageId } = await sns.send(new PublishCommand({
    PhoneNumber: details.recipient.phone, Message: words,
    MessageAttributes: {
      "AWS.SNS.SMS.SMSType": text("Transactional"),
      "AWS.MM.SMS.OriginationNumber": text(`+82${department.sender.replace(/\D/g, "").slice(1)}`),
    },
  }));
  const hours = (count) => new Date(now + count * 3_600_000).toISOString();
  const [remindAt, chooseBy] = [hours(kind.reminder_hours), hours(kind.choose_by_hours)];
  const asked = { type: "asked", at: new Date().toISOString(), cause, provider_id: MessageId, parts: 1, remind_at: remindAt, choose_by: chooseBy };
  const sent = { is: "sent", message, provider_id: MessageId };
  const bound = overwrite({
    pk: `MESSAGE#sns#${MessageId}`, sk: "MESSAGE", notice: id, cause, message, expires: Math.floor(now / 1000) + 90 * 86_400,
  });
  const state = { name: "asking", choose_by: chooseBy, remind_at: remindAt, awaiting_email: false };
  await move(notice, department, asked, { state, ledger: { ...notice.ledger, [cause]: sent } }, remindAt, [bound]);
  console.log(JSON.stringify({ level: "INFO", message: "sent", "notice.id": id, cause, provider: "sns" }));
}

await serve(async ({ Records }) => {
  const batchItemFailures = [];
  for (const { messageId, body } of Records) {
    try {
      await send(JSON.parse(body));
    } catch (error) {
      console.error(JSON.stringify({ level: "ERROR", error: error.message, "message.id": messageId }));
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
});
