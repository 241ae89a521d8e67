// The items of a notice, as Tongji stores them.

import { createHash } from "node:crypto";
import { marshall } from "@aws-sdk/util-dynamodb";
import { TableName } from "./settings.mjs";

export const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const attributes = (item) => marshall(item, { removeUndefinedValues: true });
const momentId = (at, id) => `${String(Date.parse(at)).padStart(13, "0")}#${id}`;
const shard = (id) => [...id.slice(-4)].reverse().reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 0) % 8;

export const put = (item) => ({
  Put: { TableName, Item: attributes(item), ConditionExpression: "attribute_not_exists(pk)" },
});

export const overwrite = (item) => ({ Put: { TableName, Item: attributes(item) } });

/** The notice at its next version, if it still is at the one before. */
export const advance = (notice) => ({
  Put: {
    TableName, Item: attributes(notice), ConditionExpression: "version = :before",
    ExpressionAttributeValues: attributes({ ":before": notice.version - 1 }),
  },
});

/** An event, chained to the one before it. */
export function event(id, previous, content) {
  const body = JSON.stringify(content);
  const hash = sha256(`${previous}\n${id}\n${body}`);
  return {
    pk: `NOTICE#${id}`, sk: `EVENT#${String(content.version).padStart(6, "0")}`,
    notice: id, type: content.type, body, previous, hash,
  };
}

const minute = (moment) => new Date(Math.floor(Date.parse(moment) / 60_000) * 60_000).toISOString();

/** Where it stands in the two indexes. */
export function indexed(notice, department, dueAt) {
  notice.department_phase = `DEPT#${department}#${notice.state.name}`;
  const { choose_by: chooseBy, at, since } = notice.state;
  notice.listed_at_id = momentId(chooseBy ?? at ?? since ?? notice.accepted_at, notice.id);
  delete notice.due_shard;
  delete notice.due_at_id;
  if (dueAt) Object.assign(notice, { due_shard: `DUE#${shard(notice.id)}`, due_at_id: momentId(minute(dueAt), notice.id) });
  return notice;
}
